using Microsoft.Playwright;
using Xunit;

namespace Sweep.Tests.Browser;

/// <summary>
/// One headless Chromium for all tests of an assembly (<c>[assembly: AssemblyFixture(typeof(ChromiumFixture))]</c>), started when the first one asks: $SWEEP_TEST_CHROMIUM, else this machine's own.
/// Without one a test is skipped, and fails where CI=true. A project with tests of pages sets UsesBrowser.
/// </summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    /// <summary>No sandbox: tests may run as root, and open pages of their own alone. The rest keeps the browser from looking for its maker's hosts.</summary>
    private static readonly string[] Arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

    private readonly SemaphoreSlim _starting = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>An empty tab without cache, and without cookies but for those that are given.</summary>
    /// <param name="width">Of the window, in CSS pixels.</param>
    /// <param name="scheme">What the user prefers.</param>
    /// <param name="isOffline">No host can be reached.</param>
    /// <param name="storage">Cookies and storage as another tab's context told them. Null: none.</param>
    internal async Task<BrowserTab> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light, bool isOffline = false, string? storage = null)
    {
        var browser = await StartAsync(TestContext.Current.CancellationToken);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = 900 }, ColorScheme = scheme, Offline = isOffline, StorageState = storage });
        return new BrowserTab(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _starting.Dispose();
    }

    private async Task<IBrowser> StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_browser is not null)
                return _browser;
            if (Find() is { } program)
            {
                _playwright ??= await Playwright.CreateAsync();
                return _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Headless = true, Args = Arguments });
            }
        }
        finally
        {
            _starting.Release();
        }

        const string Missing = "found no chromium on PATH, expected Chromium (Debian's package chromium), or its path in SWEEP_TEST_CHROMIUM";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
        throw new InvalidOperationException("unreachable");
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("SWEEP_TEST_CHROMIUM") is { Length: > 0 } given)
            return given;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Programs.SelectMany(program => folders.Select(folder => Path.Combine(folder, program))).FirstOrDefault(File.Exists);
    }
}
