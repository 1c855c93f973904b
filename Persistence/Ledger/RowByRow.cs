using Sweep.Contracts.Results;

namespace Sweep.Persistence.Ledger;

/// <summary>Inserts ledger rows with one prepared statement: the fast way where the database is in this process.</summary>
internal sealed class RowByRow(IReadOnlyList<ItemResult> rows, long attempt) : LedgerRows
{
    public override async Task<int> InsertAsync(StoreTransaction transaction, CancellationToken cancellationToken)
    {
        var jobs = new Dictionary<string, long>(StringComparer.Ordinal);
        var items = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var insert = transaction.Command(LedgerSql.InsertResult);
        var accepted = 0;
        foreach (var row in rows.OrderBy(row => row.JobId).ThenBy(row => row.ItemId, StringComparer.Ordinal))
        {
            ResultRow.Bind(insert, await JobAsync(row.JobId.Value), await ItemAsync(ItemText.Encode(row.ItemId)), attempt, row);
            accepted += await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        return accepted;

        async Task<long> JobAsync(string job)
        {
            if (jobs.TryGetValue(job, out var key))
                return key;
            await using var find = transaction.Command(LedgerSql.FindJob).With("@job", job);
            return jobs[job] = (long)(await find.ExecuteScalarAsync(cancellationToken) ?? throw new InvalidOperationException($"job {job} is not in the store"));
        }

        async Task<long> ItemAsync(string item)
        {
            if (items.TryGetValue(item, out var key))
                return key;
            await using var insertItem = transaction.Command(LedgerSql.InsertItem).With("@item", item);
            await insertItem.ExecuteNonQueryAsync(cancellationToken);
            await using var find = transaction.Command(LedgerSql.FindItem).With("@item", item);
            return items[item] = (long)(await find.ExecuteScalarAsync(cancellationToken))!;
        }
    }
}
