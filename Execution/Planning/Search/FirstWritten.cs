using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Execution.Planning.Search;

/// <summary>What was decided for a sweep, the first decision that anybody made: whoever asks again gets the same. It goes when the sweep is removed.</summary>
internal static class FirstWritten
{
    public static async Task<T> OfAsync<T>(ISweepStore store, SweepPlan plan, string name, Func<Task<T>> decide, CancellationToken cancellationToken)
    {
        var key = $"planning/{SweepIds.Of(plan)}/{name}";
        if (await store.FindArtifactAsync(key, cancellationToken) is null)
            await store.SaveArtifactAsync(key, JsonSerializer.SerializeToUtf8Bytes(await decide(), SweepJson.Options), cancellationToken);
        return JsonSerializer.Deserialize<T>((await store.FindArtifactAsync(key, cancellationToken))!, SweepJson.Options)!;
    }
}
