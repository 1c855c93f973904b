using Microsoft.Playwright;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>What people do at the dashboard, in a real browser before real processes.</summary>
public sealed class DashboardTests(ChromiumFixture chromium)
{
    private static readonly LocatorAssertionsToBeVisibleOptions InTime = new() { Timeout = 120_000 };
    private static readonly LocatorAssertionsToContainTextOptions TextInTime = new() { Timeout = 120_000 };

    [Fact]
    public async Task Run_WithDashboard_ShowsProgressAndThenTheOneEffectDownToItsItems()
    {
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        using var dashboard = await DashboardProcess.StartAsync(folder.Path, "run", "plan.yaml", "--dashboard");
        await using var tab = await chromium.OpenAsync();
        var page = tab.Page;

        // The list leads to the sweep, which is running.
        await page.GotoAsync(dashboard.Address.AbsoluteUri);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "small", Exact = true }).ClickAsync();
        var progress = page.GetByRole(AriaRole.Progressbar);
        await Assertions.Expect(progress).ToBeVisibleAsync(InTime);
        await ScreenshotAsync(page, "sweep-running");

        // Cells come while it runs, with how many items are behind them.
        await Assertions.Expect(page.Locator("figure").First.Locator("a.drill", new LocatorLocatorOptions { HasText = "test items so far" }).First).ToBeAttachedAsync(new LocatorAssertionsToBeAttachedOptions { Timeout = 120_000 });

        // The page ends with the answer, without being asked.
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("1 of 2 bottlenecks raises a score", TextInTime);
        await Assertions.Expect(page.Locator(".chip").First).ToHaveTextAsync("completed");
        await ScreenshotAsync(page, "sweep-completed");

        // The one significant cell, its numbers, and the items that it turned.
        var significant = page.Locator("figure").First.Locator("a.drill", new LocatorLocatorOptions { Has = page.Locator(".sure") }).First;
        await significant.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Receipt" })).ToBeVisibleAsync(InTime);
        await Assertions.Expect(page.GetByText("The intervention fired as planned.")).ToBeVisibleAsync();
        await ScreenshotAsync(page, "cell");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { NameRegex = new("Wrong → right") }).ClickAsync();
        await Assertions.Expect(page.Locator("article.pair").Nth(2)).ToBeVisibleAsync(InTime);
        foreach (var item in await page.Locator("article.pair").AllAsync())
        {
            Assert.Equal("0.0 % → 100.0 %", await item.Locator(".top .better").InnerTextAsync());
            // What was right is what the file says.
            var gold = (await item.Locator("p.small").First.InnerTextAsync()).Split(": ")[1].Split(" | ")[0].Trim();
            Assert.Contains(gold, await item.Locator("pre").Last.InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        }

        await ScreenshotAsync(page, "items");
        dashboard.AssertClean(tab);
        var outcome = (await dashboard.StopAsync()).Expect(0);
        Assert.Contains("until Ctrl-C", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("planted", outcome.Output, StringComparison.Ordinal);
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
        await text.FillAsync(SmallPlan.Text().Replace("items: 36", "items: 150", StringComparison.Ordinal).Replace("scalars: [0.05", "scalars: [many", StringComparison.Ordinal) + "\npriority: high");

        // Every problem is shown, those of fields beside them; nothing can be submitted.
        await Assertions.Expect(page.Locator("#wrong-scalars")).ToContainTextAsync("found", TextInTime);
        await Assertions.Expect(page.Locator("#wrong-priority")).ToContainTextAsync("expected a whole number", TextInTime);
        await Assertions.Expect(page.Locator("#problems")).ToContainTextAsync("2 problems");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Submit" })).ToBeDisabledAsync();
        await ScreenshotAsync(page, "new-refused");

        await page.GetByLabel("Priority").FillAsync("2");
        await page.GetByLabel("Scalars").FillAsync("[0.05, 0.5, 3]");
        await page.GetByLabel("Scalars").PressAsync("Tab");
        await Assertions.Expect(page.Locator("#problems")).ToContainTextAsync("valid in itself", TextInTime);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Estimate" }).ClickAsync();
        await Assertions.Expect(page.GetByText("saved by shared layers")).ToBeVisibleAsync(InTime);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Submit" }).ClickAsync();

        // It runs, until it is canceled and that is confirmed.
        await Assertions.Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync(InTime);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel the sweep" }).ClickAsync();
        await Assertions.Expect(page.Locator(".chip").First).ToHaveTextAsync("canceled", new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await ScreenshotAsync(page, "sweep-canceled");
        dashboard.AssertClean(tab);
        (await dashboard.StopAsync()).Expect(0);
    }

    [Fact]
    public async Task Pages_InEitherColours_CanBeUsedByEverybodyAndFitAPhone()
    {
        var axe = Axe.Source();
        using var folder = new TemporaryFolder();
        folder.Write("plan.yaml", SmallPlan.Text().Replace("items: 36", "items: 12", StringComparison.Ordinal).Replace("items: 12 }", "items: 8 }", StringComparison.Ordinal).Replace("[0.05, 0.5, 3]", "[0.05, 3]", StringComparison.Ordinal));
        using var dashboard = await DashboardProcess.StartAsync(folder.Path, "run", "plan.yaml", "--dashboard");
        var addresses = new List<(string Name, string Address)> { ("sweeps", ""), ("new", "new"), ("workers", "workers"), ("queue", "queue") };
        await using (var first = await chromium.OpenAsync())
        {
            await first.Page.GotoAsync(dashboard.Address.AbsoluteUri);
            await first.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "small", Exact = true }).ClickAsync();
            await Assertions.Expect(first.Page.Locator(".headline")).ToBeVisibleAsync(InTime);
            var sweep = new Uri(first.Page.Url).AbsolutePath[1..];
            const string Cell = "model=mamba-mini-planted&benchmark=triviaqa&bottleneck=planted&scalar=0.05";
            var id = sweep[(sweep.LastIndexOf('/') + 1)..];
            addresses.AddRange(
            [
                ("sweep", sweep), ("cell", $"{sweep}/cell?{Cell}"), ("items", $"{sweep}/items?{Cell}"), ("bottleneck", $"{sweep}/bottleneck?model=mamba-mini-planted&name=planted"),
                ("compare", $"compare?left={id}&right={id}&rightSet=planted"), ("missing", "sweeps/none"),
            ]);
        }

        var findings = new List<string>();
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (var width in (int[])[1280, 390])
            {
                await using var tab = await chromium.OpenAsync(width, scheme);
                foreach (var (name, address) in addresses)
                {
                    await tab.Page.GotoAsync(new Uri(dashboard.Address, address).AbsoluteUri);
                    await Assertions.Expect(tab.Page.Locator("h1")).ToBeVisibleAsync(InTime);
                    await Assertions.Expect(tab.Page.Locator(".waiting")).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = 60_000 });
                    await ScreenshotAsync(tab.Page, $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}");
                    findings.AddRange((await tab.OverflowingAsync()).Select(element => $"{name} at {width}: {element} sticks out"));
                    if (width == 1280)
                        findings.AddRange((await Axe.FindAsync(tab, axe)).Select(finding => $"{name}, {scheme}: {finding}"));
                }

                dashboard.AssertClean(tab);
            }
        }

        Assert.Empty(findings);
    }

    /// <summary>Kept beside the tests, to be looked at.</summary>
    private static Task ScreenshotAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png"), FullPage = true });
}
