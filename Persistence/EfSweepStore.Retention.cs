using Sweep.Persistence.Ledger;
using Sweep.Persistence.Retention;

namespace Sweep.Persistence;

/// <summary>Removal. Whatever takes keys of jobs or items away does it alone, see <see cref="StoreDialect.RemoveKeysAsync"/>.</summary>
internal sealed partial class EfSweepStore : IRetainedRows
{
    /// <summary>Jobs of one transaction, which writers wait for.</summary>
    private const int JobsAtOnce = 200;

    private const string Final = "('Completed', 'Canceled', 'Faulted')";

    private const string NoSweep = "NOT EXISTS (SELECT 1 FROM sweep_jobs s WHERE s.job_key = jobs.key)";

    public Task<IReadOnlyList<long>?> RemoveSweepAsync(string sweepId, CancellationToken cancellationToken) => WriteAsync<IReadOnlyList<long>?>(async database =>
    {
        await dialect.TakeTimeAsync(database, cancellationToken);
        await using (var find = database.LongCommand($"SELECT count(*) FROM (SELECT id FROM sweeps WHERE id = @sweep AND state IN {Final} {dialect.ForUpdate}) ended").With("@sweep", sweepId))
        {
            if (Convert.ToInt64(await find.ExecuteScalarAsync(cancellationToken), null) == 0)
                return null;
        }

        var jobs = await KeysAsync(database, "SELECT DISTINCT job_key FROM sweep_jobs WHERE sweep_id = @sweep", sweepId, cancellationToken);
        string[] statements =
        [
            "DELETE FROM attempts WHERE sweep_id = @sweep",
            "DELETE FROM batches WHERE sweep_id = @sweep",
            "DELETE FROM sweep_jobs WHERE sweep_id = @sweep",
            "DELETE FROM summary_cells WHERE sweep_id = @sweep",
            "DELETE FROM summary_rows WHERE sweep_id = @sweep",
            "DELETE FROM summaries WHERE sweep_id = @sweep",
            "DELETE FROM sweeps WHERE id = @sweep",
        ];
        foreach (var statement in statements)
        {
            await using var command = database.LongCommand(statement).With("@sweep", sweepId);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var artifacts = database.LongCommand("DELETE FROM artifacts WHERE substr(key, 1, @length) = @prefix")
            .With("@prefix", $"planning/{sweepId}/").With("@length", $"planning/{sweepId}/".Length);
        await artifacts.ExecuteNonQueryAsync(cancellationToken);
        return jobs;
    }, cancellationToken);

    public async Task<(int Jobs, long Rows)> RemoveJobsAsync(IReadOnlyList<long> jobs, CancellationToken cancellationToken)
    {
        var (removed, rows) = (0, 0L);
        foreach (var chunk in jobs.Order().Chunk(JobsAtOnce))
        {
            // Numbers, not texts: they may stand in the statement.
            var keys = string.Join(',', chunk);
            var (some, theirs) = await WriteAsync(async database =>
            {
                await dialect.TakeTimeAsync(database, cancellationToken);
                await dialect.RemoveKeysAsync(database, cancellationToken);
                var loose = await KeysAsync(database, $"SELECT key FROM jobs WHERE key IN ({keys}) AND {NoSweep}", "", cancellationToken);
                if (loose.Count == 0)
                    return (0, 0);
                await using var results = database.LongCommand($"DELETE FROM item_results WHERE job_key IN ({string.Join(',', loose)})");
                var gone = await results.ExecuteNonQueryAsync(cancellationToken);
                await using var delete = database.LongCommand($"DELETE FROM jobs WHERE key IN ({string.Join(',', loose)})");
                return (await delete.ExecuteNonQueryAsync(cancellationToken), gone);
            }, cancellationToken);
            removed += some;
            rows += theirs;
        }

        dialect.ForgetKeys();
        return (removed, rows);
    }

    public Task<IReadOnlyList<long>> ListLooseJobsAsync(CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await dialect.TakeTimeAsync(database, cancellationToken);
        return await KeysAsync(database, $"SELECT key FROM jobs WHERE {NoSweep}", "", cancellationToken);
    }, cancellationToken);

    public async Task<int> RemoveLooseItemsAsync(CancellationToken cancellationToken)
    {
        var removed = await WriteAsync(async database =>
        {
            await dialect.TakeTimeAsync(database, cancellationToken);
            await dialect.RemoveKeysAsync(database, cancellationToken);
            await using var delete = database.LongCommand("DELETE FROM items WHERE NOT EXISTS (SELECT 1 FROM item_results r WHERE r.item_key = items.key)");
            return await delete.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);
        dialect.ForgetKeys();
        return removed;
    }

    public Task<int> RemoveArtifactsAsync(DateTimeOffset before, CancellationToken cancellationToken) => WriteAsync(async database =>
    {
        await dialect.TakeTimeAsync(database, cancellationToken);
        await using var unused = database.LongCommand("DELETE FROM artifacts WHERE substr(key, 1, 12) = 'calibration/' AND used_at < @before").With("@before", Microseconds.Of(before));
        var removed = await unused.ExecuteNonQueryAsync(cancellationToken);
        await using var planning = database.LongCommand("""
            DELETE FROM artifacts WHERE substr(key, 1, 9) = 'planning/' AND NOT EXISTS (
                SELECT 1 FROM sweeps s WHERE substr(artifacts.key, 1, length(s.id) + 10) = 'planning/' || s.id || '/')
            """);
        return removed + await planning.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken);

    private static async Task<IReadOnlyList<long>> KeysAsync(StoreTransaction database, string statement, string sweepId, CancellationToken cancellationToken)
    {
        await using var command = database.LongCommand(statement);
        if (sweepId.Length > 0)
            command.With("@sweep", sweepId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(reader.GetInt64(0));
        return keys;
    }
}
