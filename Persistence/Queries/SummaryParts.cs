using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Queries;

/// <summary>A summary in parts that can be looked up: what stands in columns and what in documents. Names in columns are encoded as item ids are, the documents have them as they are.</summary>
internal static class SummaryParts
{
    /// <summary>Of one statement.</summary>
    public const int AtOnce = 2_000;

    public const string Delete = """
        DELETE FROM summary_cells WHERE sweep_id = @id; DELETE FROM summary_rows WHERE sweep_id = @id; DELETE FROM summaries WHERE sweep_id = @id
        """;

    public const string InsertHead = "INSERT INTO summaries (sweep_id, document_bytes, head) VALUES (@id, @bytes, @head)";

    /// <summary>How long the document is, and how long it was when its parts were made: neither is read for it.</summary>
    public const string Lengths = """
        SELECT octet_length(s.summary), p.document_bytes FROM sweeps s LEFT JOIN summaries p ON p.sweep_id = s.id WHERE s.id = @id AND s.summary IS NOT NULL
        """;

    private const string Test = "test";

    public static string InsertRows(StoreDialect dialect) => $"""
        INSERT INTO summary_rows (sweep_id, ordinal, model, benchmark, unit, test_items, effect, payload)
        SELECT @id, r.ordinal, r.model, r.benchmark, r.unit, r.items, r.effect, r.payload
        FROM {dialect.Rows("@rows", ("ordinal", "int"), ("model", "text"), ("benchmark", "text"), ("unit", "text"), ("items", "int"), ("effect", "double precision"), ("payload", "text"))}
        """;

    public static string InsertCells(StoreDialect dialect)
    {
        var rows = dialect.Rows(
            "@rows", ("ordinal", "int"), ("kind", "text"), ("model", "text"), ("benchmark", "text"), ("bottleneck", "text"), ("scalar", "double precision"), ("unit", "text"), ("n", "int"),
            ("effect", "double precision"), ("low", "double precision"), ("high", "double precision"), ("diverged", "int"), ("family", "double precision"), ("rank", "int"), ("controls", "int"),
            ("sets", "int"), ("lowest", "double precision"), ("median", "double precision"), ("highest", "double precision"), ("payload", "text"));
        return $"""
            INSERT INTO summary_cells (sweep_id, ordinal, kind, model, benchmark, bottleneck, scalar, unit, n, effect, effect_low, effect_high, diverged, family_p, control_rank, controls,
                band_sets, band_lowest, band_median, band_highest, payload)
            SELECT @id, r.ordinal, r.kind, r.model, r.benchmark, r.bottleneck, r.scalar, r.unit, r.n, r.effect, r.low, r.high, r.diverged, r.family, r.rank, r.controls,
                r.sets, r.lowest, r.median, r.highest, r.payload FROM {rows}
            """;
    }

    public static string Head(SweepSummary summary) => JsonSerializer.Serialize(summary with { Rows = [], Cells = [] }, SweepJson.Options);

    /// <summary>Rows of <see cref="InsertRows"/>, some at a time.</summary>
    public static IEnumerable<string> Rows(SweepSummary summary) => summary.Rows.Select((row, ordinal) => new
    {
        Ordinal = ordinal,
        Model = ItemText.Encode(row.Model),
        Benchmark = ItemText.Encode(row.Benchmark),
        Unit = row.Unit.ToString(),
        Items = row.TestItems,
        row.Effect,
        Payload = JsonSerializer.Serialize(row, SweepJson.Options),
    }).Chunk(AtOnce).Select(chunk => JsonSerializer.Serialize(chunk, SweepJson.Options));

    /// <summary>Rows of <see cref="InsertCells"/>, some at a time.</summary>
    public static IEnumerable<string> Cells(SweepSummary summary) => summary.Cells.Zip(CellScore.OfAll(summary)).Select((part, ordinal) => new
    {
        Ordinal = ordinal,
        Kind = part.First.ControlIndex is null ? null : (part.First.ControlKind ?? ControlKind.Random).ToString(),
        Model = ItemText.Encode(part.First.Model),
        Benchmark = ItemText.Encode(part.First.Benchmark),
        Bottleneck = ItemText.Encode(part.First.Bottleneck),
        part.First.Scalar,
        Unit = part.First.Unit.ToString(),
        part.Second.N,
        part.Second.Effect,
        Low = part.Second.EffectLow,
        High = part.Second.EffectHigh,
        part.Second.Diverged,
        Family = part.First.FamilyP,
        Rank = part.First.ControlRank,
        part.First.Controls,
        Sets = part.Second.Band?.Sets ?? 0,
        part.Second.Band?.Lowest,
        part.Second.Band?.Median,
        part.Second.Band?.Highest,
        Payload = JsonSerializer.Serialize(part.First, SweepJson.Options),
    }).Chunk(AtOnce).Select(chunk => JsonSerializer.Serialize(chunk, SweepJson.Options));

    /// <summary>Null: no test item was measured.</summary>
    public static SplitScores? TestOf(SummaryCell cell) => cell.Splits.GetValueOrDefault(Test) is { N: > 0 } scores ? scores : null;
}
