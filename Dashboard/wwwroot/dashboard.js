// What a page cannot do from the server: its viewer's clock and colours, and pictures of figures.

const key = "sweep.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** What is known of the viewer: the colours chosen before (null: the system's), the system's, and the time zone. */
export function viewer() {
  return { theme: read(), systemIsDark: dark.matches, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

export function apply(isDark) {
  document.documentElement.classList.toggle("dark", isDark);
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
}

export function remember(theme) {
  try {
    if (theme) localStorage.setItem(key, theme);
    else localStorage.removeItem(key);
  } catch {
    // Storage may be off: then the choice lasts as long as the page.
  }
}

export function followSystem(page) {
  dark.addEventListener("change", (change) => page.invokeMethodAsync("SystemChangedAsync", change.matches).catch(() => {}));
}

/** Draws a figure's own file into a picture of twice its size and saves it. */
export async function savePng(address, name) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the figure could not be read (${answer.status})`);
  const picture = new Image();
  picture.src = `data:image/svg+xml;base64,${base64(new Uint8Array(await answer.arrayBuffer()))}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * picture.naturalWidth;
  canvas.height = 2 * picture.naturalHeight;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = name;
  link.click();
}

export async function copy(text) {
  await navigator.clipboard.writeText(text);
}

function base64(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text);
}

function read() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
