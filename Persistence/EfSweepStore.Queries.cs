using System.Data.Common;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Ledger;
using Sweep.Persistence.Queries;

namespace Sweep.Persistence;

/// <summary>Lists and counts for people who look.</summary>
internal sealed partial class EfSweepStore : ISweepQueries
{
    private static readonly string StageMethods = string.Join(", ", new[] { SearchPlan.Screen, SearchPlan.Race, SearchPlan.Fit, SearchPlan.Impact }.Select(method => $"'{method}'"));

    public async Task<SweepListPage> ListSweepsAsync(SweepListQuery query, CancellationToken cancellationToken)
    {
        var wanted = Wanted(query);
        var total = await QueryAsync($"SELECT count(*) FROM sweeps WHERE {wanted}", command => Bind(command, query), reader => reader.GetInt64(0), cancellationToken);
        var behind = query.After is null ? "" : $"""
             AND EXISTS (SELECT 1 FROM sweeps mark WHERE mark.id = @behind AND (sweeps.submitted_at < mark.submitted_at
                OR (sweeps.submitted_at = mark.submitted_at AND {dialect.Ordinal("sweeps.id")} > mark.id)))
            """;
        var ids = await QueryAsync(
            $"SELECT id FROM sweeps WHERE {wanted}{behind} ORDER BY submitted_at DESC, {dialect.Ordinal("id")} LIMIT @take OFFSET @skip",
            command =>
            {
                Bind(command, query).With("@take", query.Take).With("@skip", query.Skip);
                if (query.After is not null)
                    command.With("@behind", query.After);
            },
            reader => reader.GetString(0), cancellationToken);
        var found = await ReadAsync(context => Headers(context.Sweeps.Where(sweep => ids.Contains(sweep.Id))).ToListAsync(cancellationToken), cancellationToken);
        var places = ids.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return new SweepListPage { Sweeps = [.. found.OrderBy(sweep => places[sweep.Id]).Select(Record)], Total = (int)total[0] };
    }

    public async Task<IReadOnlyList<string>> ListOwnersAsync(CancellationToken cancellationToken) =>
        await QueryAsync($"SELECT DISTINCT owner, {dialect.Ordinal("owner")} FROM sweeps ORDER BY 2", _ => { }, reader => reader.GetString(0), cancellationToken);

    public async Task<IReadOnlyDictionary<string, double>> SumDeviceSecondsAsync(IReadOnlyCollection<string> sweepIds, CancellationToken cancellationToken) =>
        (await QueryAsync(
            $"SELECT sweep_id, sum(device_seconds) FROM attempts WHERE sweep_id IN ({dialect.Texts("@sweeps")}) GROUP BY sweep_id",
            command => command.With("@sweeps", JsonSerializer.Serialize(sweepIds, SweepJson.Options)), reader => (Id: reader.GetString(0), Seconds: reader.GetDouble(1)), cancellationToken))
        .ToDictionary(sum => sum.Id, sum => sum.Seconds, StringComparer.Ordinal);

    public async Task<IReadOnlyDictionary<string, BatchCounts>> CountBatchesAsync(IReadOnlyCollection<string> sweepIds, CancellationToken cancellationToken)
    {
        var counts = await QueryAsync(
            $"SELECT sweep_id, status, count(*) FROM batches WHERE sweep_id IN ({dialect.Texts("@sweeps")}) GROUP BY sweep_id, status",
            command => command.With("@sweeps", JsonSerializer.Serialize(sweepIds, SweepJson.Options)),
            reader => (Id: reader.GetString(0), Status: Enum.Parse<BatchStatus>(reader.GetString(1)), Count: (int)reader.GetInt64(2)), cancellationToken);
        return counts.GroupBy(count => count.Id).ToDictionary(group => group.Key, group => CountsOf(group.ToDictionary(count => count.Status, count => count.Count)), StringComparer.Ordinal);
    }

    public Task<IReadOnlyList<BatchRecord>> ListSetAsideAsync(IReadOnlyCollection<string> sweepIds, int most, CancellationToken cancellationToken) => ReadAsync(context =>
        RecordsAsync(context.Batches.Where(batch => sweepIds.Contains(batch.SweepId) && (batch.Status == nameof(BatchStatus.Quarantined) || batch.Status == nameof(BatchStatus.Faulted)))
            .OrderBy(batch => batch.SweepId).ThenBy(batch => batch.Number).Take(most), cancellationToken), cancellationToken);

    private static BatchCounts CountsOf(Dictionary<BatchStatus, int> counts) => new()
    {
        Pending = counts.GetValueOrDefault(BatchStatus.Pending),
        Leased = counts.GetValueOrDefault(BatchStatus.Leased),
        Completed = counts.GetValueOrDefault(BatchStatus.Completed),
        SetAside = counts.GetValueOrDefault(BatchStatus.Faulted) + counts.GetValueOrDefault(BatchStatus.Quarantined),
        Canceled = counts.GetValueOrDefault(BatchStatus.Canceled),
    };

    private string Wanted(SweepListQuery query)
    {
        var method = dialect.Member("plan", "search", "method");
        string?[] conditions =
        [
            query.State is null ? null : "state = @state",
            query.Owner is null ? null : "owner = @owner",
            query.Text is null ? null : @"(lower(id) LIKE @text ESCAPE '\' OR lower(name) LIKE @text ESCAPE '\' OR lower(owner) LIKE @text ESCAPE '\')",
            query.WithStages ? null : $"coalesce({method}, '') NOT IN ({StageMethods})",
        ];
        return string.Join(" AND ", conditions.Where(condition => condition is not null).DefaultIfEmpty("true"));
    }

    private static DbCommand Bind(DbCommand command, SweepListQuery query)
    {
        if (query.State is { } state)
            command.With("@state", state.ToString());
        if (query.Owner is { } owner)
            command.With("@owner", owner);
        if (query.Text is { } text)
            command.With("@text", $"%{Pattern(text.Trim())}%");
        return command;
    }

    /// <summary>For LIKE, without its wildcards.</summary>
    private static string Pattern(string text) =>
        text.ToLowerInvariant().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
