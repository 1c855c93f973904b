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
    /// <summary>Most jobs of one call to the store: a megabyte or two, which no heap has to be large for.</summary>
    public const int MaxChunk = 1_000;

    /// <summary>Most (job, item) pairs of the batches of one call to the store; a job counts as many.</summary>
    private const int MaxBatchPairs = 40_000;
    private const int PairsOfJob = 40;

    private static readonly HashSet<JobId> NoJobs = [];
    private BatchCutter? _cutter;
    private readonly List<BatchSizing> _lots = [];
    private IReadOnlyList<BatchCut> _unwritten = [];

    /// <summary>All batches are in the store.</summary>
    public bool IsComplete => _cutter is { IsAtEnd: true } && _unwritten.Count == 0;

    /// <summary>The batch behind which more batches of its jobs are to come; null: there is none.</summary>
    public int? Unfinished => _cutter is { } cutter && (cutter.IsInsideRange || _unwritten.Count > 0) ? cutter.Number - _unwritten.Count - 1 : null;

    /// <summary>Lots begun.</summary>
    public int Lots => _lots.Count;

    /// <summary>Once it is begun.</summary>
    public BatchCutter Cutter => _cutter ?? throw new InvalidOperationException("the expansion is not begun");

    /// <summary>Why a sweep of this size is refused, or null.</summary>
    public static string? Refusal(SweepPlan plan, ResolvedPlan resolved, int maxJobs)
    {
        var jobs = SweepSection.CountAtMost(resolved);
        if (jobs > maxJobs)
            return $"the plan has {jobs} jobs, at most {maxJobs} are allowed (Sweep:Dispatch:MaxJobs)";
        return plan.Budget.Jobs is { } budget && jobs > budget ? $"the plan has {jobs} jobs, its budget allows {budget} (budget.jobs)" : null;
    }

    /// <summary>Begins, or goes to where this or another coordinator stopped: the lots in the store are cut again, the last one is written again, because only that may not have been written whole.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        _cutter = await BatchCutter.StartAsync(plan, resolved);
        while (await store.FindArtifactAsync(Key(_lots.Count), cancellationToken) is { } stored)
            await CutAsync(stored);

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
            await CutAsync((await store.FindArtifactAsync(key, cancellationToken))!);
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
        var cutter = await BatchCutter.StartAsync(plan, resolved);
        var added = 0;
        foreach (var sizing in _lots)
        {
            for (var left = await cutter.CutAsync(sizing); left.Count > 0;)
            {
                if (!mayGoOn())
                    return null;
                var chunk = Chunk(left);
                left = [.. left.Skip(chunk.Count)];
                await AskRecordedAsync(chunk, cancellationToken);
                var missing = new List<JobBatch>();
                foreach (var piece in chunk)
                {
                    if (piece.Build(sweepId, firstNumber + added + missing.Count, piece.Range.Recorded!.Contains) is { } batch)
                        missing.Add(batch);
                }

                if (missing.Count > 0)
                    await store.AddBatchesAsync(missing, cancellationToken);
                added += missing.Count;
                foreach (var piece in chunk)
                    piece.Range.Release();
            }
        }

        return added;
    }

    /// <summary>Jobs and (job, item) pairs of a sweep.</summary>
    public static async Task<(int Jobs, long Rows)> CountAsync(SweepPlan plan, ResolvedPlan resolved)
    {
        var jobs = 0;
        var rows = 0L;
        foreach (var step in SweepSection.EnumerateInSteps(plan, resolved))
        {
            await Task.Yield();
            if (step is not { } section)
                continue;
            foreach (var alike in section.Rows.GroupBy(row => row.Elsewhere, ReferenceEqualityComparer.Instance))
            {
                var elsewhere = ((IReadOnlyList<int>)alike.Key!).SelectMany(index => resolved.Benchmarks[index].Items).Select(item => item.Id).ToHashSet(StringComparer.Ordinal);
                var count = alike.Sum(row => row.Measures.Count);
                jobs += count;
                rows += (long)count * resolved.Benchmarks[section.Benchmark].Items.Count(item => !elsewhere.Contains(item.Id));
            }
        }

        return (jobs, rows);
    }

    private string Key(int lot) => $"planning/{sweepId}/{lot:D6}";

    private async Task CutAsync(byte[] stored)
    {
        var sizing = JsonSerializer.Deserialize<BatchSizing>(stored, SweepJson.Options)!;
        _unwritten = await Cutter.CutAsync(sizing);
        _lots.Add(sizing);
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
            var chunk = Chunk(_unwritten);
            foreach (var jobs in chunk.Select(piece => piece.Range).Distinct().Where(range => range.Recorded is null).SelectMany(range => range.Jobs).SelectMany(jobs => jobs).Chunk(MaxChunk))
                await store.AddJobsAsync(sweepId, jobs, cancellationToken);
            await AskRecordedAsync(chunk, cancellationToken);
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

    private static List<BatchCut> Chunk(IReadOnlyList<BatchCut> cuts)
    {
        var chunk = new List<BatchCut>();
        var pairs = 0L;
        foreach (var piece in cuts)
        {
            pairs += piece.Pairs + (chunk.Count > 0 && chunk[^1].Range == piece.Range ? 0 : piece.Range.JobCount * PairsOfJob);
            chunk.Add(piece);
            if (pairs >= MaxBatchPairs)
                break;
        }

        return chunk;
    }

    /// <summary>Asks which jobs of these batches the ledger holds on all their items, where that is not known yet.</summary>
    private async Task AskRecordedAsync(IEnumerable<BatchCut> batches, CancellationToken cancellationToken)
    {
        foreach (var section in batches.Select(batch => batch.Range).Distinct().Where(range => range.Recorded is null).GroupBy(range => range.Section.Benchmark))
        {
            var items = resolved.Benchmarks[section.Key].Items.Select(item => item.Id).ToArray();
            var recorded = new HashSet<JobId>();
            foreach (var jobs in section.SelectMany(range => range.Jobs).SelectMany(ofRow => ofRow).Select(job => job.Job.Id).Chunk(MaxChunk))
                recorded.UnionWith((await store.CountRecordedAsync(jobs, items, cancellationToken)).Where(pair => pair.Value >= items.Length).Select(pair => pair.Key));
            foreach (var range in section)
                range.Recorded = recorded.Count == 0 ? NoJobs : range.Jobs.SelectMany(ofRow => ofRow).Select(job => job.Job.Id).Where(recorded.Contains).ToHashSet();
        }
    }
}
