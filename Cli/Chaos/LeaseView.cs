using Sweep.Contracts.Store;

namespace Sweep.Cli.Chaos;

/// <summary>Who holds which batch, as the store says.</summary>
internal sealed class LeaseView(IReadOnlyList<BatchRecord> batches)
{
    private readonly Dictionary<string, BatchRecord> _byId = batches.ToDictionary(batch => batch.Id, StringComparer.Ordinal);

    public int Total => batches.Count;

    public int Done => batches.Count(batch => batch.Status == BatchStatus.Completed);

    /// <summary>Batches leased to the worker that <paramref name="owns"/> knows as its own, with their tokens.</summary>
    public IReadOnlyDictionary<string, long> HeldBy(Func<string, bool> owns) => batches
        .Where(batch => batch.Status == BatchStatus.Leased && batch.WorkerId is { } worker && owns(worker))
        .ToDictionary(batch => batch.Id, batch => batch.Token, StringComparer.Ordinal);

    public bool IsLeased(string batchId, long token) => _byId.TryGetValue(batchId, out var batch) && batch.Status == BatchStatus.Leased && batch.Token == token;

    /// <summary>Every one of these batches was granted again.</summary>
    public bool AreReleased(IReadOnlyDictionary<string, long> held) => held.All(pair => _byId.TryGetValue(pair.Key, out var batch) && batch.Token > pair.Value);
}
