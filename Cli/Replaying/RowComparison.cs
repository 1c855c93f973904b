using System.Text.Json;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Replaying;

/// <summary>Two rows of one job and item, bit for bit; what cannot be stored (NaN, infinity, negative zero) as it is stored.</summary>
internal static class RowComparison
{
    /// <summary>Names of the columns that differ; none: the rows are the same.</summary>
    public static IReadOnlyList<string> Differences(ItemResult recorded, ItemResult found) =>
        [.. Columns(recorded).Zip(Columns(found)).Where(pair => pair.First.Value != pair.Second.Value).Select(pair => pair.First.Name)];

    private static IEnumerable<(string Name, string Value)> Columns(ItemResult row) =>
    [
        ("prompt_hash", row.PromptHash),
        ("response", row.Response is { } bytes ? Convert.ToHexString(bytes) : "none"),
        ("metrics", JsonSerializer.Serialize(row.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(), SweepJson.Options)),
        ("log_likelihood", Bits(row.LogLikelihood)),
        ("log_likelihood_tokens", $"{row.LogLikelihoodTokens}"),
        ("gold_log_likelihoods", row.GoldLogLikelihoods is { } golds ? string.Join(' ', golds.Select(Bits)) : "none"),
        ("flags", row.Flags.ToString()),
        ("diverged_layer", $"{row.DivergedLayer}"),
        ("diverged_step", $"{row.DivergedStep}"),
        ("positions_touched", $"{row.Receipt.PositionsTouched}"),
        ("on_target_minimum", Bits(row.Receipt.OnTargetMinimum)),
        ("on_target_maximum", Bits(row.Receipt.OnTargetMaximum)),
        ("off_target_deviation", Bits(row.Receipt.OffTargetDeviation)),
        ("relative_change", Bits(row.Receipt.RelativeChange)),
        ("next_token_kl", Bits(row.Receipt.NextTokenKl)),
    ];

    private static string Bits(double? value) =>
        value is { } number && double.IsFinite(number) ? BitConverter.DoubleToInt64Bits(number + 0.0).ToString("x16", null) : "null";
}
