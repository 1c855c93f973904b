using Sweep.Contracts.Results;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>One cell's scores, a row a split; there are none before the sweep's summary.</summary>
internal sealed class CellData(CellReader cells) : IViewData
{
    private static readonly ViewColumns<(string Split, SplitScores Scores)> Columns = new()
    {
        { "split", row => row.Split },
        { "n", row => row.Scores.N },
        { "groups", row => row.Scores.Groups },
        { "baseline", row => row.Scores.Baseline },
        { "steered", row => row.Scores.Steered },
        { "effect", row => row.Scores.Effect },
        { "effect_low", row => row.Scores.EffectLow },
        { "effect_high", row => row.Scores.EffectHigh },
        { "p", row => row.Scores.P },
        { "right_to_wrong", row => row.Scores.RightToWrong },
        { "wrong_to_right", row => row.Scores.WrongToRight },
        { "log_likelihood_effect", row => row.Scores.LogLikelihoodEffect },
        { "perplexity", row => row.Scores.Perplexity },
        { "perplexity_change", row => row.Scores.PerplexityChange },
        { "diverged", row => row.Scores.Diverged },
    };

    public string Name => "cell";

    public bool IsOfSweep => true;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken) =>
        Place(request) is { } place && await cells.FindAsync(request.SweepId, place, cancellationToken) is { Summary: { } cell }
            ? Columns.Of(cell.Splits.Where(split => split.Value.N > 0).OrderBy(split => split.Key, StringComparer.Ordinal).Select(split => (split.Key, split.Value)))
            : null;

    /// <summary>Null: the address names none.</summary>
    internal static CellPlace? Place(ViewRequest request) =>
        Links.TryScalar(request["scalar"], out var scalar) && request["model"] is { } model && request["benchmark"] is { } benchmark && request["bottleneck"] is { } bottleneck
            ? new CellPlace(model, benchmark, bottleneck, scalar)
            : null;
}
