using Npgsql;
using Sweep.Contracts.Results;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Postgres;

/// <summary>
/// Keys of jobs and items, remembered in this process up to a bound and looked up in bulk otherwise. Items that are new get their keys in a transaction of their own, in one order whoever
/// comes, so that no ledger transaction waits for another's items.
/// </summary>
internal sealed class PostgresKeys(NpgsqlDataSource source)
{
    /// <summary>Remembered of each kind; about 100 bytes each.</summary>
    private const int Most = 200_000;

    private const string FindJobs = "SELECT job_id, key FROM jobs WHERE job_id = ANY($1)";

    private const string FindItems = "SELECT item_id, key FROM items WHERE item_id = ANY($1)";

    private const string InsertItems = "INSERT INTO items (item_id) SELECT id FROM unnest($1) id ORDER BY id COLLATE \"C\" ON CONFLICT (item_id) DO NOTHING RETURNING item_id, key";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _items = new(StringComparer.Ordinal);

    /// <summary>Each row with its keys, in the order of the ledger's own index, which is the order in which every writer inserts.</summary>
    public async Task<IReadOnlyList<KeyedRow>> ResolveAsync(IReadOnlyList<ItemResult> rows, CancellationToken cancellationToken)
    {
        var jobs = await FindAsync(_jobs, [.. rows.Select(row => row.JobId.Value).Distinct()], [FindJobs], cancellationToken);
        var items = await FindAsync(_items, [.. rows.Select(row => ItemText.Encode(row.ItemId)).Distinct()], [FindItems, InsertItems, FindItems], cancellationToken);
        return
        [
            .. rows.Select(row => new KeyedRow(
                jobs.TryGetValue(row.JobId.Value, out var job) ? job : throw new InvalidOperationException($"job {row.JobId} is not in the store"),
                items[ItemText.Encode(row.ItemId)],
                row)).OrderBy(row => row.JobKey).ThenBy(row => row.ItemKey),
        ];
    }

    public void Forget()
    {
        lock (_lock)
        {
            _jobs.Clear();
            _items.Clear();
        }
    }

    /// <param name="known">What is remembered.</param>
    /// <param name="texts">What is asked for.</param>
    /// <param name="statements">Each is asked for what the ones before it did not give.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    private async Task<Dictionary<string, long>> FindAsync(Dictionary<string, long> known, string[] texts, string[] statements, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, long>(texts.Length, StringComparer.Ordinal);
        var missing = new List<string>();
        lock (_lock)
        {
            foreach (var text in texts)
            {
                if (known.TryGetValue(text, out var key))
                    found[text] = key;
                else
                    missing.Add(text);
            }
        }

        if (missing.Count == 0)
            return found;
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. missing] } } };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                found[reader.GetString(0)] = reader.GetInt64(1);
            missing.RemoveAll(found.ContainsKey);
            if (missing.Count == 0)
                break;
        }

        Remember(known, found);
        return found;
    }

    private void Remember(Dictionary<string, long> known, Dictionary<string, long> found)
    {
        lock (_lock)
        {
            // A sweep's jobs and items come again and again until it ends: whole generations are forgotten, not single keys.
            if (known.Count + found.Count > Most)
                known.Clear();
            foreach (var (text, key) in found)
                known[text] = key;
        }
    }
}

/// <summary>A ledger row with the keys it is stored under.</summary>
internal readonly record struct KeyedRow(long JobKey, long ItemKey, ItemResult Row);
