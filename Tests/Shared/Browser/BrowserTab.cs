using Microsoft.Playwright;

namespace Sweep.Tests.Browser;

/// <summary>A tab, and all that went on in it: what the console said, what scripts threw, what was asked of the network.</summary>
internal sealed class BrowserTab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _messages = [];
    private readonly List<string> _requests = [];

    public BrowserTab(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => Append(_messages, $"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Append(_messages, $"uncaught: {error}");
        page.Request += (_, request) => Append(_requests, request.Url);
    }

    public IPage Page { get; }

    /// <summary>Console messages of every level, and uncaught errors.</summary>
    public IReadOnlyList<string> Messages => Copy(_messages);

    /// <summary>Addresses in the order in which they were asked for, the page's own first.</summary>
    public IReadOnlyList<string> Requests => Copy(_requests);

    /// <summary>Opens a file and waits for all that it loads.</summary>
    public async Task<string> OpenFileAsync(string path)
    {
        var address = new Uri(path).AbsoluteUri;
        await Page.GotoAsync(address, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        return address;
    }

    /// <summary>Elements that stick out of the window to the right, but for those in a box that scrolls by itself.</summary>
    public async Task<IReadOnlyList<string>> OverflowingAsync() => await Page.EvaluateAsync<string[]>(
        """
        () => [...document.body.querySelectorAll('*')]
          .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
          .filter(element => { for (let box = element.parentElement; box; box = box.parentElement) if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(box).overflowX)) return false; return true; })
          .map(element => `${element.tagName} ${element.className.baseVal ?? element.className}: ${element.textContent.trim().slice(0, 40)}`)
        """);

    /// <summary>Contrast of an element's text with what is behind it, as WCAG 2.2 counts it: 1 to 21.</summary>
    public Task<double> ContrastAsync(string selector) => Page.EvaluateAsync<double>(
        """
        selector => {
          const element = document.querySelector(selector);
          const parts = colour => colour.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          let behind = element;
          while (behind.parentElement && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
          const style = getComputedStyle(element);
          const [one, other] = [luminance(parts(element instanceof SVGElement ? style.fill : style.color)), luminance(parts(getComputedStyle(behind).backgroundColor))];
          return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        }
        """,
        selector);

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private static void Append(List<string> list, string line)
    {
        lock (list)
            list.Add(line);
    }

    private static string[] Copy(List<string> list)
    {
        lock (list)
            return [.. list];
    }
}
