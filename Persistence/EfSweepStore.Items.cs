using System.Data.Common;
using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Persistence.Ledger;
using Sweep.Persistence.Queries;

namespace Sweep.Persistence;

/// <summary>Items of an unsteered and a steered job side by side, scored in the database.</summary>
internal sealed partial class EfSweepStore
{
    public async Task<ItemPairPage> ListItemPairsAsync(ItemPairQuery query, CancellationToken cancellationToken)
    {
        var id = dialect.Ordinal("item_id");
        var change = query.Change switch
        {
            ItemChange.Better => "after > before",
            ItemChange.Worse => "after < before",
            ItemChange.Changed => "after <> before",
            _ => "true",
        };
        var sql = $"SELECT item_id, before, after FROM ({Pairs(query)}) pairs WHERE {change}{(query.Behind is null ? "" : $" AND {id} > @behind")} ORDER BY {id} LIMIT @take";
        var found = await QueryAsync(sql, command =>
        {
            // One more tells whether there is a next page.
            BindPairs(command, query).With("@take", query.Take + 1L);
            if (query.Behind is { } behind)
                command.With("@behind", ItemText.Encode(behind));
        }, reader => new ItemPairScore(ItemText.Decode(reader.GetString(0)), reader.DoubleOrNull(1), reader.DoubleOrNull(2)), cancellationToken);
        return found.Count <= query.Take
            ? new ItemPairPage { Items = found }
            : new ItemPairPage { Items = found[..query.Take], Next = found[query.Take - 1].ItemId };
    }

    public async Task<ItemPairCounts> CountItemPairsAsync(ItemPairQuery query, CancellationToken cancellationToken)
    {
        var sql = $"""
            SELECT count(*), count(after - before), count(CASE WHEN after > before THEN 1 END), count(CASE WHEN after < before THEN 1 END) FROM ({Pairs(query)}) pairs
            """;
        var counts = await QueryAsync(sql, command => BindPairs(command, query), reader => new ItemPairCounts
        {
            Items = (int)reader.GetInt64(0),
            Scored = (int)reader.GetInt64(1),
            Better = (int)reader.GetInt64(2),
            Worse = (int)reader.GetInt64(3),
        }, cancellationToken);
        return counts[0];
    }

    /// <summary>Both jobs' rows by the ledger's own index; an item is compared with its pair where it has one, as in summaries.</summary>
    private string Pairs(ItemPairQuery query)
    {
        var (before, after) = query.Metric is not null
            ? ($"coalesce({dialect.Number("a.pair_metrics", "@metric")}, {dialect.Number("b.metrics", "@metric")})", dialect.Number("a.metrics", "@metric"))
            : query.PerToken
                ? ($"coalesce(a.pair_log_likelihood / {Tokens("a")}, b.log_likelihood / {Tokens("b")})", $"a.log_likelihood / {Tokens("a")}")
                : ("coalesce(a.pair_log_likelihood, b.log_likelihood)", "a.log_likelihood");
        return $"""
            SELECT i.item_id AS item_id, {before} AS before, {after} AS after
            FROM item_results a JOIN item_results b ON b.item_key = a.item_key JOIN items i ON i.key = a.item_key
            WHERE a.job_key = (SELECT key FROM jobs WHERE job_id = @after) AND b.job_key = (SELECT key FROM jobs WHERE job_id = @before)
            {(query.Items is null ? "" : $"AND i.item_id IN ({dialect.Texts("@items")})")}
            """;
    }

    private static DbCommand BindPairs(DbCommand command, ItemPairQuery query)
    {
        command.With("@before", query.Before.Value).With("@after", query.After.Value);
        if (query.Metric is not null)
            command.With("@metric", query.Metric);
        if (query.Items is { } items)
            command.With("@items", JsonSerializer.Serialize(items.Select(ItemText.Encode), SweepJson.Options));
        return command;
    }

    public async Task<IReadOnlyList<(JobId Job, int Benchmark)>> ListJobsAsync(string sweepId, JobId? from, int take, CancellationToken cancellationToken)
    {
        // Said of both sides of the join, so that neither is read from its beginning.
        const string First = "(SELECT key FROM jobs WHERE job_id = @from)";
        var start = from is null ? "" : $" AND s.job_key >= {First} AND j.key >= {First}";
        return await QueryAsync(
            $"SELECT j.job_id, s.benchmark FROM sweep_jobs s JOIN jobs j ON j.key = s.job_key WHERE s.sweep_id = @id{start} ORDER BY s.job_key, s.benchmark LIMIT @take",
            command =>
            {
                command.With("@id", sweepId).With("@take", (long)take);
                if (from is { } first)
                    command.With("@from", first.Value);
            },
            reader => (new JobId(reader.GetString(0)), reader.GetInt32(1)), cancellationToken);
    }

    public async Task<IReadOnlyDictionary<JobId, int>> CountRowsAsync(IReadOnlyCollection<JobId> jobs, CancellationToken cancellationToken) => (await QueryAsync(
        $"SELECT j.job_id, count(*) FROM jobs j JOIN item_results r ON r.job_key = j.key WHERE j.job_id IN ({dialect.Texts("@jobs")}) GROUP BY j.job_id",
        command => command.With("@jobs", Names(jobs)), reader => (Job: new JobId(reader.GetString(0)), Rows: (int)reader.GetInt64(1)), cancellationToken))
        .ToDictionary(count => count.Job, count => count.Rows);

    public async Task<IReadOnlyList<RowScore>> ListScoresAsync(RowScoreQuery query, CancellationToken cancellationToken)
    {
        var (score, pair) = query.Metric is not null
            ? (dialect.Number("r.metrics", "@metric"), dialect.Number("r.pair_metrics", "@metric"))
            : query.PerToken ? ($"r.log_likelihood / {Tokens("r")}", $"r.pair_log_likelihood / {Tokens("r")}") : ("r.log_likelihood", "r.pair_log_likelihood");
        // A job's id is long and the same in all its rows: it comes once, with its key.
        var ids = (await QueryAsync(
            $"SELECT key, job_id FROM jobs WHERE job_id IN ({dialect.Texts("@jobs")})", command => command.With("@jobs", Names(query.Jobs)), reader => (reader.GetInt64(0), new JobId(reader.GetString(1))), cancellationToken))
            .ToDictionary();
        return await QueryAsync(
            $"""
            SELECT r.job_key, i.item_id, {score}, {pair}, r.log_likelihood_tokens
            FROM item_results r JOIN items i ON i.key = r.item_key WHERE r.job_key IN (SELECT key FROM jobs WHERE job_id IN ({dialect.Texts("@jobs")}))
            """,
            command =>
            {
                command.With("@jobs", Names(query.Jobs));
                if (query.Metric is not null)
                    command.With("@metric", query.Metric);
            },
            reader => new RowScore(ids[reader.GetInt64(0)], ItemText.Decode(reader.GetString(1)), reader.DoubleOrNull(2), reader.DoubleOrNull(3), reader.IntOrNull(4) ?? 0), cancellationToken);
    }

    private static string Names(IEnumerable<JobId> jobs) => JsonSerializer.Serialize(jobs.Select(job => job.Value), SweepJson.Options);

    private static string Tokens(string row) => $"CASE WHEN {row}.log_likelihood_tokens > 0 THEN {row}.log_likelihood_tokens ELSE 1 END";
}
