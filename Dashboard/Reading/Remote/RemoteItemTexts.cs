using System.Text.Json;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;

namespace Sweep.Dashboard.Reading.Remote;

/// <summary>Texts from a silo that has the benchmark files; where none answers the page goes without them and says so.</summary>
internal sealed class RemoteItemTexts(IGrainFactory grains) : IItemTexts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<ItemTextsFound> FindAsync(ResolvedBenchmark benchmark, long seed, IReadOnlyList<string> itemIds, CancellationToken cancellationToken)
    {
        try
        {
            var asked = JsonSerializer.Serialize(benchmark with { Items = [] }, SweepJson.Options);
            return await grains.GetGrain<IPlanFilesGrain>(0).FindTextsAsync(asked, seed, itemIds).WaitAsync(Patience, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException or GrainCallFailedException or InvalidOperationException)
        {
            return ItemTextsFound.None("no worker that has the benchmark's file answered.");
        }
    }
}
