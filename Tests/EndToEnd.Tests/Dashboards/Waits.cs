using Microsoft.Playwright;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>How long a page may take to get into a state: long enough for a busy machine, and no longer than it takes where it is not.</summary>
internal static class Waits
{
    private const int Milliseconds = 120_000;

    public static LocatorAssertionsToBeVisibleOptions Visible { get; } = new() { Timeout = Milliseconds };

    public static LocatorAssertionsToContainTextOptions Contains { get; } = new() { Timeout = Milliseconds };

    public static LocatorAssertionsToHaveTextOptions Text { get; } = new() { Timeout = Milliseconds };

    public static LocatorAssertionsToHaveCountOptions Count { get; } = new() { Timeout = Milliseconds };

    public static LocatorAssertionsToBeAttachedOptions Attached { get; } = new() { Timeout = Milliseconds };

    public static PageAssertionsToHaveURLOptions Address { get; } = new() { Timeout = Milliseconds };

    public static LocatorAssertionsToHaveValueOptions Value { get; } = new() { Timeout = Milliseconds };
}

/// <summary>What every test of pages does.</summary>
internal static class Pages
{
    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public static ILocator Link(this IPage page, string name) => page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The state that the page of a sweep says.</summary>
    public static ILocator State(this IPage page) => page.Locator(".chip").First;

    /// <summary>The page has drawn all that it shows at first.</summary>
    public static async Task ReadyAsync(this IPage page)
    {
        await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.Locator(".waiting")).ToHaveCountAsync(0, Waits.Count);
    }

    /// <summary>To be looked at, in the folder that SWEEP_TEST_SCREENSHOTS names; without it none is taken, for a hundred of them take most of a minute.</summary>
    public static Task KeepAsync(this IPage page, string name) => Environment.GetEnvironmentVariable("SWEEP_TEST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = true })
        : Task.CompletedTask;
}
