using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Layout;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Pages.Bottlenecks;
using Sweep.Dashboard.Pages.Fleet;
using Sweep.Dashboard.Pages.Journal;
using Sweep.Persistence.Access;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Pages;

/// <summary>Parts of pages that show what silos and the store say.</summary>
public sealed class PanelTests : BunitContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IGrainFactory _grains = Substitute.For<IGrainFactory>();
    private readonly ISweepStore _store = Substitute.For<ISweepStore, IAccessStore>();

    public PanelTests()
    {
        Services.AddSingleton(_store);
        Services.AddSingleton(_grains);
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        Services.AddSingleton(LiveScope.Only([]));
        Services.AddSingleton<SweepFeeds>();
        Services.AddScoped<Viewer>();
    }

    [Theory]
    [InlineData("none", null, "No broker")]
    [InlineData("memory", null, "within the process")]
    [InlineData("rabbitmq", "the broker at b:5672 did not answer", "Not known: the broker at b:5672 did not answer")]
    public void BrokerPanel_NoQueues_SaysWhy(string transport, string? problem, string expected)
    {
        Broker(new BrokerQueues { Transport = transport, Problem = problem });

        var panel = Render<BrokerPanel>();

        panel.WaitForAssertion(() => Assert.Contains(expected, panel.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void BrokerPanel_Queues_AreCountedWithTheirErrors()
    {
        Broker(new BrokerQueues { Transport = "rabbitmq", Queues = [new BrokerQueue { Name = "sweep.submit-sweep", Waiting = 1200, Consumers = 2, Failed = 1 }] });

        var panel = Render<BrokerPanel>();

        panel.WaitForAssertion(() => Assert.Equal(["sweep.submit-sweep", "1,200", "2", "1"], panel.FindAll("tbody tr > *").Select(field => field.TextContent)), Patience);
        Assert.Contains("error queue could not be carried out", panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void WorkersPage_BusyWorker_SaysAllThatItKnows()
    {
        var scheduler = Substitute.For<ISchedulerGrain>();
        scheduler.ListWorkersAsync().Returns([new WorkerDescription { WorkerId = "s/cpu:0", Device = "cpu:0", Facts = new DeviceFacts { Kind = "cpu", Name = "x64, 2 processors", MemoryBytes = 8L << 30 } }]);
        _grains.GetGrain<ISchedulerGrain>(0).Returns(scheduler);
        var worker = Substitute.For<IGpuWorkerGrain>();
        worker.GetStatusAsync().Returns(new WorkerStatus
        {
            WorkerId = "s/cpu:0",
            Device = "cpu:0",
            Draining = false,
            BatchId = "trial-1/000003",
            LeaseSeconds = 75.9,
            MicroBatchesDone = 2,
            MicroBatches = 5,
            Faults = 3,
            LastFault = "a shape does not fit",
            RowsDone = 1234,
            Tokens = 9000,
            BusySeconds = 90,
            TokensPerSecond = 250.4,
            DeviceMemoryInUse = 2L << 30,
            ProcessMemory = 3L << 30,
        });
        _grains.GetGrain<IGpuWorkerGrain>("s/cpu:0").Returns(worker);

        var page = Render<WorkersPage>();

        page.WaitForAssertion(() => Assert.Equal(
            ["s/cpu:0", "cpu:0: x64, 2 processors", "2.0 GiB of 8.0 GiB", "trial-1/0000032 of 5 micro-batches", "1 min 15 s", "", "1,234", "250100 on average", "1 min 30 s", "3, the last: a shape does not fit"],
            page.FindAll("tbody tr > *").Select(field => string.Join(' ', field.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))), Patience);
    }

    [Fact]
    public void ChannelScores_RankedPart_HasItsFigureItsFilesAndTheLayers()
    {
        var bottleneck = Rows.Resolved.Bottlenecks[0] with { Recipe = "scaling, by found.json" };
        var found = new IdentifiedChannels
        {
            WeightsHashes = ["w"],
            Ranked =
            [
                new RankedPlace
                {
                    Model = 0,
                    Layer = 1,
                    Site = "MixerOutput",
                    Recipe = "scaling",
                    File = "found.json",
                    Scores = [1, 3, 2],
                    Stability = new HalvesAgreement { Jaccard = 0.5, RankCorrelation = 0.875 },
                    Overlaps = [new RecipeOverlap { Recipe = "variance", Site = "MixerOutput", Jaccard = 0.25 }],
                },
            ],
            Calibrated = [new CalibratedPlace { Model = 0, Layer = 1, Site = "MixerOutput", Channels = 3, RootMeanSquare = 1.5, VarianceOverTexts = 0.25, EffectiveChannels = 2.4 }],
        };

        var part = Render<ChannelScores>(parameters => parameters.Add(one => one.SweepId, "s").Add(one => one.Model, Rows.Resolved.Models[0]).Add(one => one.Bottleneck, bottleneck).Add(one => one.Found, found));

        Assert.Contains("n 3 channels, 2 of them chosen", part.Find("figcaption").TextContent, StringComparison.Ordinal);
        Assert.Contains("Jaccard of the chosen channels 0.50, rank correlation of the scores 0.88", part.Find("figcaption").TextContent, StringComparison.Ordinal);
        Assert.Equal("/sweeps/s/figures/scores.svg?model=m&bottleneck=b", part.Find("figure .tools a").GetAttribute("href"));
        Assert.Contains("acts here", part.Markup, StringComparison.Ordinal);
        Assert.Contains("0.25", part.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void ChannelScores_NothingKept_SaysSo() => Assert.Contains("None are kept", Render<ChannelScores>(parameters => parameters
        .Add(one => one.SweepId, "s").Add(one => one.Model, Rows.Resolved.Models[0]).Add(one => one.Bottleneck, Rows.Resolved.Bottlenecks[0]).Add(one => one.Found, null)).Markup, StringComparison.Ordinal);

    [Fact]
    public void JournalPage_Entries_SayWhoWhatAndHowItEnded()
    {
        ((IAccessStore)_store).ReadJournalAsync(long.MaxValue, Arg.Any<int>(), Arg.Any<CancellationToken>()).Returns(
            [new JournalEntry { Id = 7, At = DateTimeOffset.UnixEpoch, Actor = "user:ada", Action = "sweep.cancel", Target = "trial-1", Origin = "10.0.0.1", Outcome = JournalOutcome.Refused, Detail = "role Viewer" }]);

        var page = Render<JournalPage>();

        Assert.Equal(["1970-01-01 00:00 UTC", "user:ada", "sweep.cancel", "trial-1", "10.0.0.1", "refused", "role Viewer"], page.FindAll("tbody tr > *").Select(field => field.TextContent.Trim()));
        Assert.Equal("/api/v1/views/journal.csv", page.Find(".tools a").GetAttribute("href"));
    }

    private void Broker(BrokerQueues queues)
    {
        var broker = Substitute.For<IBrokerGrain>();
        broker.ReadQueuesAsync().Returns(queues);
        _grains.GetGrain<IBrokerGrain>(0).Returns(broker);
    }
}
