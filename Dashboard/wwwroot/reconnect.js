// A page that lost its server reads itself anew where the server no longer knows it: its address says all that it shows.
apply();
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("components-reconnect-modal")?.addEventListener("components-reconnect-state-changed", (event) => {
    if (event.detail.state === "rejected") location.reload();
    if (event.detail.state === "failed") setTimeout(() => location.reload(), 5000);
  });
});

// Before anything is drawn, so that nobody is dazzled.
function apply() {
  let theme = null;
  try {
    theme = localStorage.getItem("sweep.theme");
  } catch {
    // As the system has it.
  }
  const isDark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", isDark);
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
}
