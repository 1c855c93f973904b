using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Execution;
using Sweep.Execution.Devices;
using Sweep.Hosting;
using Sweep.Persistence.Sqlite;
using Xunit;

namespace Sweep.Cli.Tests.Replaying;

/// <summary>Rows that a GPU made, on a machine without one.</summary>
[Collection(Terminal.Collection)]
public sealed class OtherDeviceTests : IDisposable
{
    private readonly Inputs _inputs = new();

    public void Dispose() => _inputs.Dispose();

    [Fact]
    public async Task Audit_RowsOfADeviceThatIsNotHere_SaysWhatIsMissingAndIsNotClean()
    {
        Assert.SkipWhen(TorchDevice.Problem("cuda:0") is null, "this machine has a CUDA device, and the rows here are made up");
        await RecordAsync();

        var outcome = await Terminal.RunAsync(_inputs.Words("audit --latest --sample 1 --root ./ --store ./s.db"));

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("0 of 1 rows came out the same", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(", 1 items: device cuda:0: found ", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("NOT clean\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_JobOfADeviceThatIsNotHere_IsRefused()
    {
        Assert.SkipWhen(TorchDevice.Problem("cuda:0") is null, "this machine has a CUDA device, and the rows here are made up");
        var job = await RecordAsync();

        (await Terminal.RunAsync(_inputs.Words($"replay {job} --root ./ --store ./s.db"))).Refuses("device cuda:0: found ");
    }

    /// <summary>One row of the plan as a GPU's sweep would have it; gives its job.</summary>
    private async Task<string> RecordAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var plan = PlanReader.Read(Inputs.Plan, "plan.yaml");
        var id = SweepIds.Of(plan);
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), token);
        await store.SubmitAsync(id, plan, Inputs.Plan, token);
        await using var services = EmbeddedSweep.CreateServices(store, new EmbeddedOptions { Roots = [_inputs.At("")] });
        var resolved = await services.GetRequiredService<IPlanResolver>().ResolveAsync(plan, calibrate: true, token) with { NumericsId = Numerics.Cuda };
        await store.SaveResolutionAsync(id, resolved, token);
        var jobs = PlanExpander.Jobs(plan, resolved).Select(pair => pair.Job).ToArray();
        await store.AddJobsAsync(id, [.. jobs.Select((job, ordinal) => new SweepJob { Ordinal = ordinal, Job = job, Benchmark = 0 })], token);
        var batch = new JobBatch
        {
            Id = $"{id}/000000",
            SweepId = id,
            Jobs = jobs,
            ItemIds = [.. resolved.Benchmarks[0].Items.Select(item => item.Id)],
            MicroBatches = [new MicroBatch { FirstItem = 0, ItemCount = 4, FirstJob = 0, JobCount = jobs.Length }],
        };
        await store.AddBatchesAsync([batch], token);
        var lease = (await store.TryGrantAsync(batch.Id, 0, "w", 30, token))!;
        var row = new ItemResult { JobId = jobs[^1].Id, ItemId = batch.ItemIds[0], PromptHash = "p", Receipt = new ReceiptRow { PositionsTouched = 0 }, Pair = new PairScore { LogLikelihood = -1 } };
        await store.RecordAsync(lease, new MicroBatchResult { Index = 0, Rows = [row], Tokens = 1, DeviceSeconds = 1 }, token);
        return jobs[^1].Id.Value;
    }
}
