using Microsoft.Playwright;
using Sweep.Tests;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Reports;

/// <summary>The page of `sweep report`, of a real sweep, in a browser without a network.</summary>
public sealed class ReportPageTests(ReportPage page, ChromiumFixture chromium) : IClassFixture<ReportPage>
{
    [Fact]
    public async Task Report_OpenedOffline_AsksForNothingAndComplainsOfNothing()
    {
        await using var tab = await chromium.OpenAsync(isOffline: true);

        var address = await tab.OpenFileAsync(await page.PathAsync());

        Assert.Empty(tab.Messages);
        Assert.Equal([address], tab.Requests);
        Assert.StartsWith("tiny: report of sweep tiny-", await tab.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(["Answer", "mamba-mini-planted", "Costs and provenance", "Reproduce", "How to read this"], await tab.Page.Locator("h2").AllInnerTextsAsync());
    }

    [Fact]
    public async Task Report_Figures_AreDrawn()
    {
        await using var tab = await chromium.OpenAsync(isOffline: true);
        await tab.OpenFileAsync(await page.PathAsync());

        // Effects with their intervals, and the effect by scalar.
        var figures = await tab.Page.Locator("svg").AllAsync();
        Assert.Equal(2, figures.Count);
        foreach (var figure in figures)
        {
            var box = (await figure.BoundingBoxAsync())!;
            Assert.True(box.Width > 200 && box.Height > 50, $"a figure is {box.Width:0} by {box.Height:0}");
            Assert.True(await figure.Locator(".point").CountAsync() > 0, "a figure has no point");
        }

        await tab.Page.Locator("nav a", new PageLocatorOptions { HasText = "How to read this" }).ClickAsync();
        Assert.True(await tab.Page.Locator("#reading").IsVisibleAsync());
        await tab.Page.Locator("summary").First.ClickAsync();
        Assert.Empty(tab.Messages);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Report_EitherColourScheme_CanBeRead(ColorScheme scheme)
    {
        await using var tab = await chromium.OpenAsync(scheme: scheme, isOffline: true);
        await tab.OpenFileAsync(await page.PathAsync());

        Assert.Equal(scheme == ColorScheme.Dark ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)", await tab.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
        foreach (var selector in (string[])["body", ".soft", "thead th", "caption", "svg .name", "svg .tick", "svg .value", "pre"])
            Assert.True(await tab.ContrastAsync(selector) >= 4.5, $"'{selector}' has a contrast of {await tab.ContrastAsync(selector):0.0}, expected at least 4.5");
    }

    [Theory]
    [InlineData(360)]
    [InlineData(800)]
    [InlineData(1280)]
    public async Task Report_AnyWidth_FitsIntoTheWindow(int width)
    {
        await using var tab = await chromium.OpenAsync(width, isOffline: true);
        await tab.OpenFileAsync(await page.PathAsync());

        Assert.Empty(await tab.OverflowingAsync());
        Assert.Equal(width, await tab.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
    }

    /// <summary>That the tests above can fail.</summary>
    [Fact]
    public async Task Tab_PageThatBreaksTheRules_IsFoundOut()
    {
        using var folder = new TemporaryFolder();
        await using var tab = await chromium.OpenAsync(360, isOffline: true);

        await tab.OpenFileAsync(folder.Write("broken.html", """
            <body style="background: #fff"><p style="color: #999; width: 900px">wide and faint</p><img src="http://127.0.0.1:9/image.png"><script>console.error("complaint"); throw new Error("thrown");</script></body>
            """));

        Assert.Contains("error: complaint", tab.Messages);
        Assert.Contains(tab.Messages, message => message.StartsWith("uncaught: ", StringComparison.Ordinal) && message.Contains("thrown", StringComparison.Ordinal));
        Assert.Contains("http://127.0.0.1:9/image.png", tab.Requests);
        Assert.Contains("P : wide and faint", await tab.OverflowingAsync());
        Assert.InRange(await tab.ContrastAsync("p"), 2.7, 2.9);
    }
}
