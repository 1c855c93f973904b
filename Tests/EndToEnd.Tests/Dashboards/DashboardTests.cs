using System.Diagnostics;
using System.Net;
using Microsoft.Playwright;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>The dashboard beside a command, in a real browser.</summary>
public sealed class DashboardTests(ChromiumFixture chromium)
{
    /// <summary>From the address on standard error to progress on the page: on a quiet machine 2 s are promised, which a test beside others cannot hold anybody to. It says what it took.</summary>
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Run_WithDashboard_ShowsProgressAndThenTheOneEffectDownToItsItems()
    {
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        await using var tab = await chromium.OpenAsync();
        var page = tab.Page;
        using var dashboard = await DashboardProcess.StartAsync(folder.Path, "run", "plan.yaml", "--dashboard");

        // The address shows at once what runs.
        var told = Stopwatch.GetTimestamp();
        await page.GotoAsync(dashboard.Address.AbsoluteUri);
        await Assertions.Expect(page.Locator("tbody .chip")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("resolving|expanding|running"), Waits.Text);
        var waited = Stopwatch.GetElapsedTime(told);
        TestContext.Current.TestOutputHelper?.WriteLine($"progress {waited.TotalSeconds:0.0} s after the address");
        Assert.InRange(waited, TimeSpan.Zero, Promptly);

        // The list leads to the sweep.
        await page.Link("small").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync(Waits.Visible);
        await page.KeepAsync("sweep-running");

        // Cells come while it runs, with how many items are behind them.
        await Assertions.Expect(page.Locator("figure").First.Locator("a.drill", new LocatorLocatorOptions { HasText = "test items so far" }).First).ToBeAttachedAsync(Waits.Attached);

        // The page ends with the answer, without being asked.
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("1 of 2 bottlenecks raises a score", Waits.Contains);
        await Assertions.Expect(page.State()).ToHaveTextAsync("completed");
        await page.KeepAsync("sweep-completed");

        // The one significant cell, its numbers, and the items that it turned.
        var significant = page.Locator("figure").First.Locator("a.drill", new LocatorLocatorOptions { Has = page.Locator(".sure") }).First;
        await significant.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Receipt" })).ToBeVisibleAsync(Waits.Visible);
        await Assertions.Expect(page.GetByText("The intervention fired as planned.")).ToBeVisibleAsync();
        await page.KeepAsync("cell");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new("Wrong → right") }).ClickAsync();
        await Assertions.Expect(page.Locator("article.pair").Nth(2)).ToBeVisibleAsync(Waits.Visible);
        foreach (var item in await page.Locator("article.pair").AllAsync())
        {
            Assert.Equal("0.0 % → 100.0 %", await item.Locator(".top .better").InnerTextAsync());
            // What was right is what the file says.
            var gold = (await item.Locator("p.small").First.InnerTextAsync()).Split(": ")[1].Split(" | ")[0].Trim();
            Assert.Contains(gold, await item.Locator("pre").Last.InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        }

        await page.KeepAsync("items");
        dashboard.AssertClean(tab);
        var outcome = (await dashboard.StopAsync()).Expect(0);
        Assert.Contains("until Ctrl-C", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("planted", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_LocalLogin_AsksForOne()
    {
        using var folder = new TemporaryFolder();
        using var dashboard = await DashboardProcess.StartAsync(folder.Path, [("Sweep__Dashboard__Login", "local"), ("Sweep__Dashboard__Address", "0.0.0.0")], "up");
        Assert.Equal("127.0.0.1", dashboard.Address.Host);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = dashboard.Address };
        Assert.Equal("/login", (await client.GetAsync("/", TestContext.Current.CancellationToken)).Headers.Location?.AbsolutePath);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/sweeps", TestContext.Current.CancellationToken)).StatusCode);
        (await dashboard.StopAsync()).Expect(0);
    }

    [Fact]
    public async Task Up_LoginThatThereIsNone_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var refused = (await CliProcess.RunAsync(folder.Path, [("Sweep__Dashboard__Login", "magic")], "up", "--port", "0")).Expect(2);
        Assert.Contains("Sweep:Dashboard:Login", refused.Error, StringComparison.Ordinal);
        Assert.Contains("found 'magic', expected none, local or oidc", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PlanInTheForm_IsRefusedBesideItsFieldsThenRunsAndIsCanceled()
    {
        using var folder = new TemporaryFolder();
        using var dashboard = await DashboardProcess.StartAsync(folder.Path, "up");
        await using var tab = await chromium.OpenAsync();
        var page = tab.Page;
        await page.GotoAsync(new Uri(dashboard.Address, "new").AbsoluteUri);
        var text = page.GetByLabel("The whole plan, YAML or JSON");
        var right = SmallPlan.Text().Replace("items: 36", "items: 150", StringComparison.Ordinal);
        await text.FillAsync(right.Replace("scalars: [0.05", "scalars: [many", StringComparison.Ordinal) + "\npriority: high\nseed: some\nsurprise: 1");

        // What is no plan, every problem of it: those of fields beside them, the others at the text, all of them with their lines; nothing can be submitted.
        await Assertions.Expect(page.Locator("#problems")).ToContainTextAsync("4 problems", Waits.Contains);
        await Assertions.Expect(page.Locator("#wrong-scalars")).ToContainTextAsync("found 'many'");
        await Assertions.Expect(page.Locator("#wrong-priority")).ToContainTextAsync("expected a whole number");
        await Assertions.Expect(page.Locator("#wrong-seed")).ToContainTextAsync("expected a whole number");
        await Assertions.Expect(page.Locator("#wrong-plan")).ToContainTextAsync("found unknown field 'surprise'");
        await Assertions.Expect(page.Locator("#problems li", new PageLocatorOptions { HasTextRegex = new("^Line \\d+: ") })).ToHaveCountAsync(4);
        foreach (var (field, isWrong) in new[] { ("Scalars", "true"), ("Priority", "true"), ("Seed", "true"), ("Owner", "false") })
            await Assertions.Expect(page.GetByLabel(field)).ToHaveAttributeAsync("aria-invalid", isWrong);
        await Assertions.Expect(page.Button("Submit")).ToBeDisabledAsync();
        await page.KeepAsync("new-refused");

        // What is a plan and cannot be run, every reason.
        await text.FillAsync(right.Replace("layer: 8", "layer: -1", StringComparison.Ordinal).Replace("name: squad", "name: squadd", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("#problems")).ToContainTextAsync("2 problems", Waits.Contains);
        foreach (var path in new[] { "bottlenecks[0].layer", "benchmarks[1].name" })
            await Assertions.Expect(page.Locator("#wrong-plan .line", new PageLocatorOptions { HasText = path })).ToContainTextAsync("Line ");
        await Assertions.Expect(page.Button("Submit")).ToBeDisabledAsync();

        // A field writes itself into the text.
        await text.FillAsync(right.Replace("scalars: [0.05", "scalars: [many", StringComparison.Ordinal) + "\npriority: high");
        await Assertions.Expect(page.Locator("#wrong-priority")).ToContainTextAsync("expected a whole number", Waits.Contains);
        await page.GetByLabel("Priority").FillAsync("2");
        await page.GetByLabel("Scalars").FillAsync("[0.05, 0.5, 3]");
        await page.GetByLabel("Scalars").PressAsync("Tab");
        await Assertions.Expect(page.Locator("#problems")).ToContainTextAsync("valid in itself", Waits.Contains);
        await page.Button("Estimate").ClickAsync();
        await Assertions.Expect(page.GetByText("saved by shared layers")).ToBeVisibleAsync(Waits.Visible);
        await page.Button("Submit").ClickAsync();

        // It runs, until it is canceled and that is confirmed.
        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync(Waits.Visible);
        await page.Button("Cancel").ClickAsync();
        await page.Button("Cancel the sweep").ClickAsync();
        await Assertions.Expect(page.State()).ToHaveTextAsync("canceled", Waits.Text);
        await page.KeepAsync("sweep-canceled");
        dashboard.AssertClean(tab);
        (await dashboard.StopAsync()).Expect(0);
    }
}
