using System.Data.Common;
using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Ledger;

/// <summary>One <see cref="ItemResult"/> to and from its columns. Non-finite numbers are stored as null: the flags say what happened.</summary>
internal static class ResultRow
{
    public static void Bind(DbCommand command, long jobKey, long itemKey, long attempt, ItemResult row) => command
        .With("@job", jobKey)
        .With("@item", itemKey)
        .With("@attempt", attempt)
        .With("@prompt_hash", row.PromptHash)
        .With("@response", row.Response)
        .With("@metrics", MetricsText(row))
        .With("@log_likelihood", Finite(row.LogLikelihood))
        .With("@log_likelihood_tokens", row.LogLikelihoodTokens)
        .With("@gold_log_likelihoods", GoldsText(row))
        .With("@flags", (int)row.Flags)
        .With("@diverged_layer", row.DivergedLayer)
        .With("@diverged_step", row.DivergedStep)
        .With("@positions_touched", row.Receipt.PositionsTouched)
        .With("@on_target_minimum", Finite(row.Receipt.OnTargetMinimum))
        .With("@on_target_maximum", Finite(row.Receipt.OnTargetMaximum))
        .With("@off_target_deviation", Finite(row.Receipt.OffTargetDeviation))
        .With("@relative_change", Finite(row.Receipt.RelativeChange))
        .With("@next_token_kl", Finite(row.Receipt.NextTokenKl))
        .With("@pair_metrics", PairMetricsText(row))
        .With("@pair_log_likelihood", Finite(row.Pair?.LogLikelihood));

    public static ItemResult Read(DbDataReader reader, JobId job) => new()
    {
        JobId = job,
        ItemId = ItemText.Decode(reader.GetString(0)),
        PromptHash = reader.GetString(1),
        Response = reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2),
        Metrics = Metrics(reader.GetString(3)),
        LogLikelihood = reader.DoubleOrNull(4),
        LogLikelihoodTokens = reader.IntOrNull(5),
        GoldLogLikelihoods = reader.IsDBNull(6) ? null : JsonSerializer.Deserialize<double?[]>(reader.GetString(6), SweepJson.Options),
        Flags = (ItemFlags)reader.GetInt32(7),
        DivergedLayer = reader.IntOrNull(8),
        DivergedStep = reader.IntOrNull(9),
        Receipt = new ReceiptRow
        {
            PositionsTouched = reader.GetInt32(10),
            OnTargetMinimum = reader.DoubleOrNull(11),
            OnTargetMaximum = reader.DoubleOrNull(12),
            OffTargetDeviation = reader.DoubleOrNull(13),
            RelativeChange = reader.DoubleOrNull(14),
            NextTokenKl = reader.DoubleOrNull(15),
        },
        Pair = reader.IsDBNull(16) ? null : new PairScore { Metrics = Metrics(reader.GetString(16)), LogLikelihood = reader.DoubleOrNull(17) },
    };

    public static string MetricsText(ItemResult row) => Text(row.Metrics);

    /// <summary>Null where there is no pair; a pair without metrics has an empty object.</summary>
    public static string? PairMetricsText(ItemResult row) => row.Pair is { } pair ? Text(pair.Metrics) : null;

    public static string? GoldsText(ItemResult row) => row.GoldLogLikelihoods is { } golds ? JsonSerializer.Serialize(golds.Select(Finite), SweepJson.Options) : null;

    /// <summary>Negative zero becomes zero, because SQLite has no other.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number + 0.0 : null;

    private static string Text(IReadOnlyDictionary<string, double> metrics) => JsonSerializer.Serialize(metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(), SweepJson.Options);

    private static Dictionary<string, double> Metrics(string text) => JsonSerializer.Deserialize<Dictionary<string, double>>(text, SweepJson.Options)!;
}
