using System.Globalization;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Output;

/// <summary>What is said under the tables of a sweep whose rows have pairs: how much packing moved by itself.</summary>
internal static class PackingNote
{
    /// <summary>Null where no row has a pair.</summary>
    public static string? Of(SweepSummary summary)
    {
        var splits = summary.Cells.SelectMany(cell => cell.Splits.Values.Select(scores => (cell.Unit, Scores: scores))).Where(split => split.Scores.Flips is not null).ToArray();
        if (splits.Length == 0)
            return null;
        var flips = splits.Sum(split => split.Scores.Flips!.Value);
        var note = string.Create(CultureInfo.InvariantCulture, $"Bits depend on packing here: each steered row is compared with the unsteered row beside it. Of {splits.Sum(split => split.Scores.N):N0} pairs {flips:N0} flipped");
        var noise = splits.Where(split => split.Unit != ScoreUnit.NatsAToken).Max(split => split.Scores.PackingNoise);
        return noise is { } nats ? string.Create(CultureInfo.InvariantCulture, $"{note}; log-likelihoods moved by at most {nats:0.0e+0} nats.") : $"{note}.";
    }
}
