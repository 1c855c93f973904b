using System.Data.Common;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;
using Sweep.Persistence.Ledger;
using Sweep.Persistence.Queries;
using Sweep.Persistence.Reports;

namespace Sweep.Persistence;

/// <summary>Summaries: the document, which is the original, and its parts, which are made with it and looked up by pages.</summary>
internal sealed partial class EfSweepStore
{
    public Task SaveSummaryAsync(string sweepId, SweepSummary summary, CancellationToken cancellationToken)
    {
        var document = JsonSerializer.Serialize(summary, SweepJson.Options);
        return WriteAsync(async database =>
        {
            await dialect.TakeTimeAsync(database, cancellationToken);
            await using var update = database.LongCommand("UPDATE sweeps SET summary = @json WHERE id = @id").With("@json", document).With("@id", sweepId);
            if (await update.ExecuteNonQueryAsync(cancellationToken) != 1)
                throw new InvalidOperationException($"sweep {sweepId} is not in the store");
            await SplitAsync(database, sweepId, summary, Encoding.UTF8.GetByteCount(document), cancellationToken);
            return true;
        }, cancellationToken);
    }

    public Task<SweepSummary?> LoadSummaryAsync(string sweepId, CancellationToken cancellationToken) => ReadAsync(async context =>
        await SummaryTextAsync(context, sweepId, cancellationToken) is { } json ? Summary(json) : null, cancellationToken);

    public async Task<SweepSummary?> FindOutlineAsync(string sweepId, CancellationToken cancellationToken)
    {
        if (!await HasPartsAsync(sweepId, cancellationToken))
            return null;
        var heads = await QueryAsync("SELECT head FROM summaries WHERE sweep_id = @id", command => command.With("@id", sweepId), reader => reader.GetString(0), cancellationToken);
        var rows = await QueryAsync("SELECT payload FROM summary_rows WHERE sweep_id = @id ORDER BY ordinal", command => command.With("@id", sweepId), Part<SummaryRow>, cancellationToken);
        return heads.Count == 0 ? null : JsonSerializer.Deserialize<SweepSummary>(heads[0], SweepJson.Options)! with { Rows = rows };
    }

    public async Task<SummaryRowPage> ListRowsAsync(string sweepId, SummaryRowQuery query, CancellationToken cancellationToken)
    {
        if (!await HasPartsAsync(sweepId, cancellationToken))
            return new SummaryRowPage { Rows = [], Total = 0 };
        var from = $"FROM summary_rows WHERE sweep_id = @id AND test_items > 0{Where(("model", query.Model), ("benchmark", query.Benchmark))}";
        var total = await QueryAsync($"SELECT count(*) {from}", command => Bind(command), reader => reader.GetInt64(0), cancellationToken);
        var rows = await QueryAsync(
            $"SELECT payload {from} ORDER BY CASE unit WHEN 'Share' THEN 0 WHEN 'NatsAnItem' THEN 1 ELSE 2 END, effect DESC, ordinal LIMIT @take OFFSET @skip",
            command => Bind(command).With("@take", query.Take).With("@skip", query.Skip), Part<SummaryRow>, cancellationToken);
        return new SummaryRowPage { Rows = rows, Total = (int)total[0] };

        DbCommand Bind(DbCommand command) => WithNames(command.With("@id", sweepId), ("model", query.Model), ("benchmark", query.Benchmark));
    }

    public async Task<IReadOnlyList<CellScore>> ListCellsAsync(string sweepId, CellQuery query, CancellationToken cancellationToken)
    {
        if (!await HasPartsAsync(sweepId, cancellationToken))
            return [];
        (string, string?)[] names = [("model", query.Model), ("benchmark", query.Benchmark), ("bottleneck", query.Bottleneck)];
        var sql = $"""
            SELECT model, benchmark, bottleneck, scalar, unit, n, effect, effect_low, effect_high, diverged, family_p, control_rank, controls,
                band_sets, band_lowest, band_median, band_highest
            FROM summary_cells WHERE sweep_id = @id AND kind IS NULL{Where(names)} ORDER BY ordinal
            """;
        return await QueryAsync(sql, command => WithNames(command.With("@id", sweepId), names), Score, cancellationToken);
    }

    public async Task<SummaryCell?> FindCellAsync(string sweepId, string model, string benchmark, string bottleneck, double? scalar, CancellationToken cancellationToken)
    {
        if (!await HasPartsAsync(sweepId, cancellationToken))
            return null;
        (string, string?)[] names = [("model", model), ("benchmark", benchmark), ("bottleneck", bottleneck)];
        var cells = await QueryAsync(
            $"SELECT payload FROM summary_cells WHERE sweep_id = @id AND kind IS NULL{Where(names)} ORDER BY ordinal",
            command => WithNames(command.With("@id", sweepId), names), Part<SummaryCell>, cancellationToken);
        return cells.FirstOrDefault(cell => cell.Scalar == scalar);
    }

    public async Task<SummaryCellPage> ListSummaryCellsAsync(string sweepId, SummaryCellQuery query, CancellationToken cancellationToken)
    {
        if (!await HasPartsAsync(sweepId, cancellationToken))
            return new SummaryCellPage { Cells = [] };
        (string, string?)[] names = [("model", query.Model), ("benchmark", query.Benchmark), ("bottleneck", query.Bottleneck)];
        // One more tells whether there is a next page.
        var found = await QueryAsync(
            $"SELECT payload, ordinal FROM summary_cells WHERE sweep_id = @id AND ordinal > @after{Where(names)} ORDER BY ordinal LIMIT @take",
            command => WithNames(command.With("@id", sweepId).With("@after", query.After ?? -1).With("@take", query.Take + 1L), names),
            reader => (Cell: Part<SummaryCell>(reader), Number: reader.GetInt32(1)), cancellationToken);
        return new SummaryCellPage { Cells = [.. found.Take(query.Take).Select(one => one.Cell)], Next = found.Count > query.Take ? found[query.Take - 1].Number : null };
    }

    /// <summary>Makes the parts where a version that makes none wrote the document; false: there is no summary of this version.</summary>
    private async Task<bool> HasPartsAsync(string sweepId, CancellationToken cancellationToken)
    {
        var lengths = await QueryAsync(SummaryParts.Lengths, command => command.With("@id", sweepId), reader => (Document: reader.GetInt64(0), Parts: reader.IsDBNull(1) ? -1 : reader.GetInt64(1)), cancellationToken);
        if (lengths.Count == 0 || lengths[0].Document == lengths[0].Parts)
            return lengths.Count > 0;
        return await WriteAsync(async database =>
        {
            await dialect.TakeTimeAsync(database, cancellationToken);
            // One at a time: whoever waited here makes the same parts again.
            await using var own = database.LongCommand($"SELECT id FROM sweeps WHERE id = @id {dialect.ForUpdate}").With("@id", sweepId);
            await own.ExecuteScalarAsync(cancellationToken);
            if (await SummaryTextAsync(database.Context, sweepId, cancellationToken) is not { } json || Summary(json) is not { } summary)
                return false;
            await SplitAsync(database, sweepId, summary, Encoding.UTF8.GetByteCount(json), cancellationToken);
            return true;
        }, cancellationToken);
    }

    private async Task SplitAsync(StoreTransaction database, string sweepId, SweepSummary summary, long bytes, CancellationToken cancellationToken)
    {
        await using (var delete = database.LongCommand(SummaryParts.Delete).With("@id", sweepId))
            await delete.ExecuteNonQueryAsync(cancellationToken);
        await using (var head = database.LongCommand(SummaryParts.InsertHead).With("@id", sweepId).With("@bytes", bytes).With("@head", SummaryParts.Head(summary)))
            await head.ExecuteNonQueryAsync(cancellationToken);
        foreach (var (sql, chunks) in new[] { (SummaryParts.InsertRows(dialect), SummaryParts.Rows(summary)), (SummaryParts.InsertCells(dialect), SummaryParts.Cells(summary)) })
        {
            foreach (var chunk in chunks)
            {
                await using var insert = database.LongCommand(sql).With("@id", sweepId).With("@rows", chunk);
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    private static Task<string?> SummaryTextAsync(SweepDbContext context, string sweepId, CancellationToken cancellationToken) =>
        context.Sweeps.Where(sweep => sweep.Id == sweepId).Select(sweep => sweep.Summary).FirstOrDefaultAsync(cancellationToken);

    private static SweepSummary? Summary(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("version", out var version) && version.TryGetInt32(out var found) && found == SweepSummary.CurrentVersion
            ? document.Deserialize<SweepSummary>(SweepJson.Options)
            : null;
    }

    private static T Part<T>(DbDataReader reader) => JsonSerializer.Deserialize<T>(reader.GetString(0), SweepJson.Options)!;

    private static CellScore Score(DbDataReader reader) => new()
    {
        Model = ItemText.Decode(reader.GetString(0)),
        Benchmark = ItemText.Decode(reader.GetString(1)),
        Bottleneck = ItemText.Decode(reader.GetString(2)),
        Scalar = reader.DoubleOrNull(3),
        Unit = Enum.Parse<ScoreUnit>(reader.GetString(4)),
        N = reader.GetInt32(5),
        Effect = reader.DoubleOrNull(6),
        EffectLow = reader.DoubleOrNull(7),
        EffectHigh = reader.DoubleOrNull(8),
        Diverged = reader.GetInt32(9),
        FamilyP = reader.DoubleOrNull(10),
        ControlRank = reader.IntOrNull(11),
        Controls = reader.GetInt32(12),
        Band = reader.GetInt32(13) is > 0 and var sets ? new ControlBand { Sets = sets, Lowest = reader.GetDouble(14), Median = reader.GetDouble(15), Highest = reader.GetDouble(16) } : null,
    };

    /// <summary>Conditions on those columns that have a value.</summary>
    private static string Where(params (string Column, string? Value)[] names) => string.Concat(names.Where(name => name.Value is not null).Select(name => $" AND {name.Column} = @{name.Column}"));

    private static DbCommand WithNames(DbCommand command, params (string Column, string? Value)[] names)
    {
        foreach (var (column, value) in names)
        {
            if (value is not null)
                command.With($"@{column}", ItemText.Encode(value));
        }

        return command;
    }
}
