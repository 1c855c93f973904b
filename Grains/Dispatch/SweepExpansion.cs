using System.Text.Json;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>
/// Writes a sweep's jobs and batches to the store, some batches at a time, as they are needed: so each lot can be sized by what the lots before it measured. The size of a lot is
/// stored before its batches. Doing it again, from the start or beside another coordinator, leaves the same rows.
/// </summary>
/// <param name="cut">Gets every batch that is cut, before it is written.</param>
/// <param name="written">Gets what is in the store now.</param>
internal sealed class SweepExpansion(
    ISweepStore store, string sweepId, SweepPlan plan, ResolvedPlan resolved, Action<BatchCut>? cut = null, Action<IReadOnlyList<JobBatch>>? written = null)
{
    /// <summary>Most jobs of one call to the store.</summary>
    public const int MaxChunk = 5_000;

    /// <summary>Most (job, item) pairs of the batches of one call to the store; a job counts as many.</summary>
    private const int MaxBatchPairs = 200_000;
    private const int PairsOfJob = 40;

    private readonly BatchCutter _cutter = new(plan, resolved);
    private readonly List<BatchSizing> _lots = [];
    private IReadOnlyList<BatchCut> _unwritten = [];

    /// <summary>All batches are in the store.</summary>
    public bool IsComplete => _cutter.IsAtEnd && _unwritten.Count == 0;

    /// <summary>The batch behind which more batches of its jobs are to come; null: there is none.</summary>
    public int? Unfinished => _cutter.IsInsideRange || _unwritten.Count > 0 ? _cutter.Number - _unwritten.Count - 1 : null;

    /// <summary>Lots begun.</summary>
    public int Lots => _lots.Count;

    public BatchCutter Cutter => _cutter;

    /// <summary>Why a sweep of this size is refused, or null.</summary>
    public static string? Refusal(SweepPlan plan, ResolvedPlan resolved, int maxJobs)
    {
        var jobs = SweepSection.CountAtMost(resolved);
        if (jobs > maxJobs)
            return $"the plan has {jobs} jobs, at most {maxJobs} are allowed (Sweep:Dispatch:MaxJobs)";
        return plan.Budget.Jobs is { } budget && jobs > budget ? $"the plan has {jobs} jobs, its budget allows {budget} (budget.jobs)" : null;
    }

    /// <summary>Goes to where this or another coordinator stopped: the lots in the store are cut again, the last one is written again, because only that may not have been written whole.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        while (await store.FindArtifactAsync(Key(_lots.Count), cancellationToken) is { } stored)
        {
            Cut(stored);
            // Long sweeps have many lots: others have their turn in between.
            await Task.Yield();
        }

        await WriteAsync(() => true, cancellationToken);
    }

    /// <summary>Adds the next lot. False: <paramref name="mayGoOn"/> said no between two calls to the store; the rest is written next time.</summary>
    public async Task<bool> ExtendAsync(BatchSizing sizing, Func<bool> mayGoOn, CancellationToken cancellationToken)
    {
        if (_unwritten.Count == 0)
        {
            var key = Key(_lots.Count);
            await store.SaveArtifactAsync(key, JsonSerializer.SerializeToUtf8Bytes(sizing, SweepJson.Options), cancellationToken);
            // Where another coordinator was faster its sizes hold.
            Cut((await store.FindArtifactAsync(key, cancellationToken))!);
        }

        return await WriteAsync(mayGoOn, cancellationToken);
    }

    /// <summary>
    /// Adds batches for what the ledger lacks once all batches are done: nothing, unless rows were removed or the store holds batches of another version. The number added;
    /// null: <paramref name="mayGoOn"/> said no.
    /// </summary>
    /// <param name="firstNumber">Above every number in use.</param>
    public async Task<int?> RepairAsync(int firstNumber, Func<bool> mayGoOn, CancellationToken cancellationToken)
    {
        var cutter = new BatchCutter(plan, resolved);
        var added = 0;
        CutRange? range = null;
        foreach (var sizing in _lots)
        {
            foreach (var piece in cutter.Cut(sizing))
            {
                if (!mayGoOn())
                    return null;
                if (range != piece.Range)
                    range?.Release();
                range = piece.Range;
                await AskRecordedAsync(range, cancellationToken);
                if (piece.Build(sweepId, firstNumber + added, range.Recorded!.Contains) is not { } batch)
                    continue;
                await store.AddBatchesAsync([batch], cancellationToken);
                added++;
            }
        }

        return added;
    }

    /// <summary>Jobs and (job, item) pairs of a sweep.</summary>
    public static async Task<(int Jobs, long Rows)> CountAsync(SweepPlan plan, ResolvedPlan resolved)
    {
        var jobs = 0;
        var rows = 0L;
        foreach (var section in SweepSection.Enumerate(plan, resolved))
        {
            foreach (var alike in section.Rows.GroupBy(row => row.Elsewhere, ReferenceEqualityComparer.Instance))
            {
                var elsewhere = ((IReadOnlyList<int>)alike.Key!).SelectMany(index => resolved.Benchmarks[index].Items).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
                var count = alike.Sum(row => row.Measures.Count);
                jobs += count;
                rows += (long)count * resolved.Benchmarks[section.Benchmark].Items.Count(item => !elsewhere.Contains(item.Id));
            }

            await Task.Yield();
        }

        return (jobs, rows);
    }

    private string Key(int lot) => $"planning/{sweepId}/{lot:D6}";

    private void Cut(byte[] stored)
    {
        var sizing = JsonSerializer.Deserialize<BatchSizing>(stored, SweepJson.Options)!;
        _lots.Add(sizing);
        _unwritten = _cutter.Cut(sizing);
        foreach (var batch in _unwritten)
            cut?.Invoke(batch);
    }

    private async Task<bool> WriteAsync(Func<bool> mayGoOn, CancellationToken cancellationToken)
    {
        while (_unwritten.Count > 0)
        {
            // Not between jobs and their batches: a job without a batch is one that the ledger holds.
            if (!mayGoOn())
                return false;
            var chunk = Chunk();
            foreach (var jobs in chunk.Select(piece => piece.Range).Distinct().Where(range => range.Recorded is null).SelectMany(range => range.Jobs).SelectMany(jobs => jobs).Chunk(MaxChunk))
                await store.AddJobsAsync(sweepId, jobs, cancellationToken);
            foreach (var range in chunk.Select(piece => piece.Range).Distinct())
                await AskRecordedAsync(range, cancellationToken);
            var batches = chunk.Select(piece => piece.Build(sweepId, piece.Number, piece.Range.Recorded!.Contains)).OfType<JobBatch>().ToList();
            if (batches.Count > 0)
                await store.AddBatchesAsync(batches, cancellationToken);
            _unwritten = [.. _unwritten.Skip(chunk.Count)];
            foreach (var range in chunk.Select(piece => piece.Range).Where(range => range != chunk[^1].Range))
                range.Release();
            written?.Invoke(batches);
        }

        return true;
    }

    private List<BatchCut> Chunk()
    {
        var chunk = new List<BatchCut>();
        var pairs = 0L;
        foreach (var piece in _unwritten)
        {
            pairs += piece.Pairs + (chunk.Count > 0 && chunk[^1].Range == piece.Range ? 0 : piece.Range.JobCount * PairsOfJob);
            chunk.Add(piece);
            if (pairs >= MaxBatchPairs)
                break;
        }

        return chunk;
    }

    private async Task AskRecordedAsync(CutRange range, CancellationToken cancellationToken)
    {
        if (range.Recorded is not null)
            return;
        var items = resolved.Benchmarks[range.Section.Benchmark].Items.Select(item => item.Id).ToArray();
        var recorded = new HashSet<JobId>();
        foreach (var jobs in range.Jobs.SelectMany(ofRow => ofRow).Select(job => job.Job.Id).Chunk(MaxChunk))
            recorded.UnionWith((await store.CountRecordedAsync(jobs, items, cancellationToken)).Where(pair => pair.Value >= items.Length).Select(pair => pair.Key));
        range.Recorded = recorded;
    }
}
