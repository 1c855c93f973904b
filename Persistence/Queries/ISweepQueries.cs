using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Queries;

/// <summary>
/// What pages and callers of the API look at, in pieces: filtered, sorted, paged and counted in the database, so that a call costs what it shows, however large the sweep is. The
/// stores of this library implement it beside <see cref="ISweepStore"/>.
/// </summary>
public interface ISweepQueries
{
    /// <summary>Newest first.</summary>
    Task<SweepListPage> ListSweepsAsync(SweepListQuery query, CancellationToken cancellationToken);

    /// <summary>Everybody who owns a sweep, ordinally.</summary>
    Task<IReadOnlyList<string>> ListOwnersAsync(CancellationToken cancellationToken);

    /// <summary>Device-seconds that each of these sweeps took so far; those that took none are absent.</summary>
    Task<IReadOnlyDictionary<string, double>> SumDeviceSecondsAsync(IReadOnlyCollection<string> sweepIds, CancellationToken cancellationToken);

    /// <summary>How many batches of each of these sweeps are in which state; sweeps without batches are absent.</summary>
    Task<IReadOnlyDictionary<string, BatchCounts>> CountBatchesAsync(IReadOnlyCollection<string> sweepIds, CancellationToken cancellationToken);

    /// <summary>Batches of these sweeps that were given up, in order of sweep and number, at most so many.</summary>
    Task<IReadOnlyList<BatchRecord>> ListSetAsideAsync(IReadOnlyCollection<string> sweepIds, int most, CancellationToken cancellationToken);

    /// <summary>The summary without its cells; null as with <see cref="ISweepStore.LoadSummaryAsync"/>.</summary>
    Task<SweepSummary?> FindOutlineAsync(string sweepId, CancellationToken cancellationToken);

    /// <summary>Rows with test items: shares before nats, the largest effect first.</summary>
    Task<SummaryRowPage> ListRowsAsync(string sweepId, SummaryRowQuery query, CancellationToken cancellationToken);

    /// <summary>Scores of bottlenecks' own cells on the test split with what their random controls did, in the summary's order.</summary>
    Task<IReadOnlyList<CellScore>> ListCellsAsync(string sweepId, CellQuery query, CancellationToken cancellationToken);

    /// <summary>A bottleneck's own cell, whole; null: the summary has none.</summary>
    Task<SummaryCell?> FindCellAsync(string sweepId, string model, string benchmark, string bottleneck, double? scalar, CancellationToken cancellationToken);

    /// <summary>Whole cells, those of controls too, in the summary's order.</summary>
    Task<SummaryCellPage> ListSummaryCellsAsync(string sweepId, SummaryCellQuery query, CancellationToken cancellationToken);

    /// <summary>Jobs of a sweep with the benchmark whose items they run on (an index into the resolved plan's), in the ledger's order.</summary>
    /// <param name="sweepId">The sweep.</param>
    /// <param name="from">The first one; null: the sweep's first. None are behind a job that the ledger does not have.</param>
    /// <param name="take">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<(JobId Job, int Benchmark)>> ListJobsAsync(string sweepId, JobId? from, int take, CancellationToken cancellationToken);

    /// <summary>How many rows each of these jobs has in the ledger, whatever their items; jobs with none are absent.</summary>
    Task<IReadOnlyDictionary<JobId, int>> CountRowsAsync(IReadOnlyCollection<JobId> jobs, CancellationToken cancellationToken);

    /// <summary>What each row of these jobs scored.</summary>
    Task<IReadOnlyList<RowScore>> ListScoresAsync(RowScoreQuery query, CancellationToken cancellationToken);

    /// <summary>Scores of the items that two jobs both have, ordinally by item id.</summary>
    Task<ItemPairPage> ListItemPairsAsync(ItemPairQuery query, CancellationToken cancellationToken);

    /// <summary>What became of the items that two jobs both have.</summary>
    Task<ItemPairCounts> CountItemPairsAsync(ItemPairQuery query, CancellationToken cancellationToken);
}
