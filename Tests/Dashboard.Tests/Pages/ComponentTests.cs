using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Components;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Layout;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Pages.Sweeps;
using Sweep.Persistence.Queries;
using Xunit;
using static Sweep.Dashboard.Tests.Cells;

namespace Sweep.Dashboard.Tests.Pages;

public sealed class ComponentTests : BunitContext
{
    private readonly ISweepStore _store = Substitute.For<ISweepStore, ISweepQueries>();

    public ComponentTests()
    {
        Services.AddSingleton(_store);
        Services.AddSingleton(Substitute.For<IGrainFactory>());
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        Services.AddSingleton(LiveScope.Only([]));
        Services.AddSingleton<SweepFeeds>();
        Services.AddSingleton<SweepCosts>();
        Services.AddScoped<Viewer>();
        Services.AddScoped<PageAddress>();
        _store.Queries().SumDeviceSecondsAsync(Arg.Any<IReadOnlyCollection<string>>(), Arg.Any<CancellationToken>())
            .Returns(call => call.Arg<IReadOnlyCollection<string>>().ToDictionary(id => id, _ => 75.0));
    }

    [Fact]
    public void FigureCard_Figure_HasNameTableAndLinksThatKeysReach()
    {
        var figure = HeatMap.ByScalar("squad of mini", [Cell("a", 1, 0.31, p: 0.01)]);

        var card = Render<FigureCard>(parameters => parameters.Add(one => one.Figure, figure).Add(one => one.Address, ending => $"/f{ending}"));

        Assert.Equal(figure.Label, card.Find("svg").GetAttribute("aria-label"));
        Assert.Equal("group", card.Find("svg").GetAttribute("role"));
        Assert.Equal("/sweeps/s/cell?bottleneck=a", card.Find("svg a").GetAttribute("href"));
        Assert.Contains("corrected p 0.010", card.Find("svg a title").TextContent, StringComparison.Ordinal);
        Assert.Empty(card.FindAll("table"));
        card.Find("details").TriggerEvent("ontoggle", EventArgs.Empty);
        Assert.Equal(["a", "squad", "3", "1", "+31.0", "+21.0 to +41.0", "24", "0.010", "-"], card.FindAll("tbody tr > *").Select(field => field.TextContent));
        Assert.Equal(["/f.svg", "/f.csv"], card.FindAll(".tools a").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public void SweepsPage_NoSweep_SaysWhatToDo()
    {
        _store.ListSweepsAsync(Arg.Any<CancellationToken>()).Returns([]);

        var page = Render<SweepsPage>();

        page.WaitForAssertion(() => Assert.Equal("/new", page.Find(".empty a").GetAttribute("href")), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void SweepsPage_StoreAway_ShowsOneMessage()
    {
        _store.ListSweepsAsync(Arg.Any<CancellationToken>()).Returns<IReadOnlyList<SweepRecord>>(_ => throw new StoreUnavailableException("it is away", new TimeoutException()));

        var page = Render<SweepsPage>();

        page.WaitForAssertion(() => Assert.Contains("it is away", page.Find("[role=alert]").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(" at Sweep.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void SweepsPage_Address_FiltersAndPages()
    {
        _store.ListSweepsAsync(Arg.Any<CancellationToken>()).Returns([.. Enumerable.Range(0, 60).Select(number => Sweep($"ours-{number:00}", "me")), Sweep("other", "you")]);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?q=OURS&page=2&owner=me");

        var page = Render<SweepsPage>();

        page.WaitForAssertion(() => Assert.Equal(25, page.FindAll("tbody tr").Count), TimeSpan.FromSeconds(30));
        Assert.Equal("ours-25", page.Find("tbody a").TextContent);
        Assert.Contains("26–50 of 60", page.Find(".paging").TextContent, StringComparison.Ordinal);
        Assert.Equal("/?q=OURS&owner=me", page.Find("[rel=prev]").GetAttribute("href"));
        Assert.Contains("1 min 15 s", page.Find("tbody tr").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void LocalTime_ViewersZone_IsTheirs()
    {
        Services.GetRequiredService<Viewer>().Know(null, false, "Asia/Tokyo");

        var time = Render<LocalTime>(parameters => parameters.Add(one => one.At, new DateTimeOffset(2026, 11, 26, 20, 30, 0, TimeSpan.Zero)));

        Assert.Equal("2026-11-27 05:30", time.Find("time").TextContent);
        Assert.Equal("2026-11-27 05:30:00 +09:00", time.Find("time").GetAttribute("title"));
        Assert.Equal("2026-11-26T20:30:00.0000000Z", time.Find("time").GetAttribute("datetime"));
    }

    [Theory]
    [InlineData(null, true, true, "light")]
    [InlineData(null, false, false, "dark")]
    [InlineData("dark", false, true, null)]
    public void Viewer_Switch_ChangesColoursAndFollowsTheSystemWhereTheyAreIts(string? theme, bool systemIsDark, bool isDark, string? after)
    {
        var viewer = new Viewer();
        viewer.Know(theme, systemIsDark, null);

        Assert.Equal(isDark, viewer.IsDark);
        viewer.Switch();

        Assert.Equal(after, viewer.Theme);
        Assert.Equal(!isDark, viewer.IsDark);
    }

    private static SweepRecord Sweep(string name, string owner) => new()
    {
        Id = name,
        Plan = new SweepPlan { Name = name, Owner = owner, Models = ["m"], Benchmarks = [], Bottlenecks = [] },
        PlanText = "",
        State = SweepState.Completed,
        SubmittedAt = DateTimeOffset.UnixEpoch,
    };
}
