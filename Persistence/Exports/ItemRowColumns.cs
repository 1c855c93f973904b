using System.Globalization;
using Sweep.Contracts.Results;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence.Exports;

/// <summary>The flat form of an item row, the same in CSV and Parquet. Exactly one of response and response_base64 is filled where there is a response.</summary>
internal static class ItemRowColumns
{
    private static readonly IReadOnlyList<(string Name, Func<ItemResult, object?> Value)> OfEveryRow =
    [
        ("job", row => row.JobId.Value),
        ("item", row => row.ItemId),
        ("prompt_hash", row => row.PromptHash),
        ("response", row => row.Response is { } bytes && ResponseText.TryDecode(bytes, out var text) ? text : null),
        ("response_base64", row => row.Response is { } bytes && !ResponseText.TryDecode(bytes, out _) ? Convert.ToBase64String(bytes) : null),
        ("metrics", ResultRow.MetricsText),
        ("log_likelihood", row => row.LogLikelihood),
        ("log_likelihood_tokens", row => (double?)row.LogLikelihoodTokens),
        ("flags", row => row.Flags.ToString()),
        ("diverged_layer", row => (double?)row.DivergedLayer),
        ("diverged_step", row => (double?)row.DivergedStep),
        ("positions_touched", row => (double?)row.Receipt.PositionsTouched),
        ("on_target_minimum", row => row.Receipt.OnTargetMinimum),
        ("on_target_maximum", row => row.Receipt.OnTargetMaximum),
        ("off_target_deviation", row => row.Receipt.OffTargetDeviation),
        ("relative_change", row => row.Receipt.RelativeChange),
        ("next_token_kl", row => row.Receipt.NextTokenKl),
    ];

    private static readonly IReadOnlyList<(string Name, Func<ItemResult, object?> Value)> OfPairs =
    [
        ("pair_metrics", ResultRow.PairMetricsText),
        ("pair_log_likelihood", row => row.Pair?.LogLikelihood),
    ];

    /// <param name="withPairs">The plan's rows have pairs: what decides is the plan, so that every export of it has the same columns.</param>
    public static IReadOnlyList<(string Name, Func<ItemResult, object?> Value)> Of(bool withPairs) => withPairs ? [.. OfEveryRow, .. OfPairs] : OfEveryRow;

    public static string Text(object? value) => value switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    public static bool IsNumber(string name) => name is not ("job" or "item" or "prompt_hash" or "response" or "response_base64" or "metrics" or "flags" or "pair_metrics");
}
