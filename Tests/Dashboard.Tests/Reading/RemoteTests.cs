using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Dashboard.Reading.Remote;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Dashboard.Tests.Reading;

/// <summary>What a dashboard without the plans' files asks of silos.</summary>
public sealed class RemoteTests
{
    private readonly IGrainFactory _grains = Substitute.For<IGrainFactory>();
    private readonly IPlanFilesGrain _files = Substitute.For<IPlanFilesGrain>();

    public RemoteTests() => _grains.GetGrain<IPlanFilesGrain>(0).Returns(_files);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Estimate_ProblemsOfFiles_AreAnInvalidPlan()
    {
        _files.EstimateAsync(Arg.Any<string>()).Returns(new PlanEstimateAnswer { Problems = ["a", "b"] });

        Assert.Equal(["a", "b"], (await Assert.ThrowsAsync<InvalidPlanException>(() => new RemotePlanEstimator(_grains).EstimateAsync(Rows.Plan, Token))).Problems);
    }

    [Fact]
    public async Task Texts_AreAskedForWithoutTheBenchmarksItems()
    {
        _files.FindTextsAsync(Arg.Is<string>(text => !text.Contains("item-0")), 7, Arg.Any<IReadOnlyList<string>>())
            .Returns(new ItemTextsFound { Items = new Dictionary<string, ItemTexts> { ["item-0"] = new() { Prompt = "p", Golds = ["g"] } } });

        Assert.Equal("p", (await new RemoteItemTexts(_grains).FindAsync(Rows.Resolved.Benchmarks[0], 7, ["item-0"], Token)).Items["item-0"].Prompt);
    }

    [Fact]
    public async Task Texts_NoWorkerAnswers_SaysWhyThereAreNone()
    {
        _files.FindTextsAsync(Arg.Any<string>(), Arg.Any<long>(), Arg.Any<IReadOnlyList<string>>()).ThrowsAsync(new TimeoutException());

        var found = await new RemoteItemTexts(_grains).FindAsync(Rows.Resolved.Benchmarks[0], 7, ["item-0"], Token);

        Assert.Empty(found.Items);
        Assert.Equal("no worker that has the benchmark's file answered.", found.Problem);
    }
}
