using System.Text.Json;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Json;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Replaying;

/// <summary>
/// Two rows of one job and item, bit for bit; what cannot be stored (NaN, infinity, negative zero) as it is stored. Where bits depend on packing, which running again does not repeat, numbers
/// may move a little and outcomes may flip; what says that something else was computed (prompt, positions touched, numbers far off) is a difference there too.
/// </summary>
internal sealed record RowComparison
{
    /// <summary>Of max(1, |recorded|). Sums of fp32 in another order move log-likelihoods by some 1e-5; the half formats round every activation to 2 or 3 digits.</summary>
    private const double Fp32Tolerance = 1e-3;

    private const double HalfTolerance = 5e-2;

    public required RowMatch Match { get; init; }

    /// <summary>Names of the columns that differ in any bit.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Nats; null where one of the rows has none.</summary>
    public double? LogLikelihoodDifference { get; init; }

    private enum Kind
    {
        Fixed,
        Outcome,

        /// <summary>Fixed as long as the outcome is the same.</summary>
        OfOutcome,
        Number,
    }

    public static RowComparison Of(JobIdentity job, ItemResult recorded, ItemResult found)
    {
        var differing = ColumnsOf(recorded).Zip(ColumnsOf(found)).Where(pair => pair.First.Text != pair.Second.Text).ToArray();
        return new RowComparison
        {
            Match = differing.Length == 0 ? RowMatch.Same
                : NumericsIds.DependOnPacking(job.NumericsId) ? MatchPacked(differing, job.Precision == "fp32" ? Fp32Tolerance : HalfTolerance)
                : RowMatch.Different,
            Columns = [.. differing.Select(pair => pair.First.Name)],
            LogLikelihoodDifference = recorded.LogLikelihood - found.LogLikelihood is { } difference ? Math.Abs(difference) : null,
        };
    }

    private static RowMatch MatchPacked((Column Recorded, Column Found)[] differing, double tolerance)
    {
        var flipped = differing.Any(pair => pair.Recorded.Kind == Kind.Outcome);
        var isExcused = differing.All(pair => pair.Recorded.Kind switch
        {
            Kind.Outcome => true,
            Kind.OfOutcome => flipped,
            Kind.Number => AreNear(pair.Recorded.Numbers, pair.Found.Numbers, tolerance, flipped),
            _ => false,
        });
        return !isExcused ? RowMatch.Different : flipped ? RowMatch.Flipped : RowMatch.Near;
    }

    /// <param name="recorded">Numbers of one column.</param>
    /// <param name="found">The same of the other row.</param>
    /// <param name="tolerance">Of max(1, |recorded|).</param>
    /// <param name="flipped">A row that diverged has none of what the other has.</param>
    private static bool AreNear(IReadOnlyList<double?> recorded, IReadOnlyList<double?> found, double tolerance, bool flipped) =>
        recorded.Count == found.Count && recorded.Zip(found).All(pair => pair is ({ } one, { } other)
            ? Math.Abs(one - other) <= tolerance * Math.Max(1, Math.Abs(one))
            : flipped || pair is (null, null));

    private static IEnumerable<Column> ColumnsOf(ItemResult row) =>
    [
        new("prompt_hash", Kind.Fixed, row.PromptHash),
        new("response", Kind.Outcome, row.Response is { } bytes ? Convert.ToHexString(bytes) : "none"),
        new("metrics", Kind.Outcome, Text(row.Metrics)),
        Number("log_likelihood", row.LogLikelihood),
        // Another gold may become the best.
        new("log_likelihood_tokens", Kind.Outcome, $"{row.LogLikelihoodTokens}"),
        row.GoldLogLikelihoods is { } golds ? Number("gold_log_likelihoods", [.. golds]) : new("gold_log_likelihoods", Kind.Fixed, "none"),
        new("flags", Kind.Outcome, row.Flags.ToString()),
        new("diverged_layer", Kind.Outcome, $"{row.DivergedLayer}"),
        new("diverged_step", Kind.Outcome, $"{row.DivergedStep}"),
        // Generated tokens are touched too.
        new("positions_touched", Kind.OfOutcome, $"{row.Receipt.PositionsTouched}"),
        Number("on_target_minimum", row.Receipt.OnTargetMinimum),
        Number("on_target_maximum", row.Receipt.OnTargetMaximum),
        Number("off_target_deviation", row.Receipt.OffTargetDeviation),
        Number("relative_change", row.Receipt.RelativeChange),
        Number("next_token_kl", row.Receipt.NextTokenKl),
        new("pair", Kind.Fixed, row.Pair is null ? "none" : "there"),
        new("pair_metrics", Kind.Outcome, row.Pair is { } pair ? Text(pair.Metrics) : "none"),
        Number("pair_log_likelihood", row.Pair?.LogLikelihood),
    ];

    private static Column Number(string name, params IReadOnlyList<double?> values)
    {
        double?[] stored = [.. values.Select(value => value is { } number && double.IsFinite(number) ? number + 0.0 : (double?)null)];
        return new(name, Kind.Number, string.Join(' ', stored.Select(value => value is { } number ? BitConverter.DoubleToInt64Bits(number).ToString("x16", null) : "null"))) { Numbers = stored };
    }

    private static string Text(IReadOnlyDictionary<string, double> metrics) => JsonSerializer.Serialize(metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(), SweepJson.Options);

    private sealed record Column(string Name, Kind Kind, string Text)
    {
        public IReadOnlyList<double?> Numbers { get; init; } = [];
    }
}
