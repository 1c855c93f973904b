using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.EndToEnd.Tests.Stores;

/// <summary>Brings a finished sweep into another store the way it came into the first: submitted, expanded, granted, recorded, ended.</summary>
internal static class StoreCopy
{
    public static async Task RunAsync(ISweepStore from, ISweepStore to, CancellationToken cancellationToken)
    {
        var sweep = Assert(await from.ListSweepsAsync(cancellationToken));
        await to.SubmitAsync(sweep.Id, sweep.Plan, sweep.PlanText, cancellationToken);
        await to.SaveResolutionAsync(sweep.Id, (await from.LoadResolutionAsync(sweep.Id, cancellationToken))!, cancellationToken);
        await to.AddJobsAsync(sweep.Id, await from.ListJobsAsync(sweep.Id, cancellationToken), cancellationToken);
        foreach (var record in await from.ListBatchesAsync(sweep.Id, cancellationToken))
        {
            var batch = await from.LoadBatchAsync(record.Id, cancellationToken);
            await to.AddBatchesAsync([batch], cancellationToken);
            var lease = (await to.TryGrantAsync(batch.Id, 0, "copy", 30, cancellationToken))!;
            ItemResult[] rows = await from.ReadItemResultsAsync([.. batch.Jobs.Select(job => job.Id)], [.. batch.ItemIds], cancellationToken).ToArrayAsync(cancellationToken);
            await to.RecordAsync(lease, new MicroBatchResult { Index = 0, Rows = rows, Tokens = 1, DeviceSeconds = 0.5 }, cancellationToken);
            await to.EndLeaseAsync(lease, BatchStatus.Completed, null, cancellationToken);
        }

        await to.SaveSummaryAsync(sweep.Id, (await from.LoadSummaryAsync(sweep.Id, cancellationToken))!, cancellationToken);
        await to.TrySetStateAsync(sweep.Id, [SweepState.Submitted], SweepState.Completed, null, cancellationToken);
    }

    private static SweepRecord Assert(IReadOnlyList<SweepRecord> sweeps) => Xunit.Assert.Single(sweeps);
}
