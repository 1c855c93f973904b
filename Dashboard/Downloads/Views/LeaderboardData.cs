using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>A sweep's leaderboard: selection and test side by side.</summary>
internal sealed class LeaderboardData(ISweepStore store) : IViewData
{
    private static readonly ViewColumns<SummaryRow> Columns = new()
    {
        { "model", row => row.Model },
        { "benchmark", row => row.Benchmark },
        { "bottleneck", row => row.Bottleneck },
        { "recipe", row => row.Recipe },
        { "scalar", row => row.Scalar },
        { "metric", row => row.Metric },
        { "unit", row => row.Unit.ToString() },
        { "selection_n", row => row.SelectionItems },
        { "selection_gain", row => row.Selection?.Raw },
        { "selection_gain_cross_fitted", row => row.Selection?.Corrected },
        { "test_n", row => row.TestItems },
        { "test_groups", row => row.TestGroups },
        { "baseline", row => row.Baseline },
        { "steered", row => row.Steered },
        { "effect", row => row.Effect },
        { "effect_low", row => row.EffectLow },
        { "effect_high", row => row.EffectHigh },
        { "p", row => row.P },
        { "family_p", row => row.FamilyP },
        { "verdict", row => row.Verdict?.ToString() },
        { "controls", row => row.Controls },
        { "control_rank", row => row.ControlRank },
        { "control_corrected_p", row => row.ControlCorrectedP },
        { "log_likelihood_effect", row => row.LogLikelihoodEffect },
        { "perplexity_change", row => row.PerplexityChange },
        { "minimum_detectable_effect", row => row.MinimumDetectableEffect },
        { "diverged", row => row.Diverged },
    };

    public string Name => "leaderboard";

    public bool IsOfSweep => true;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        if (await store.Queries().FindOutlineAsync(request.SweepId, cancellationToken) is null)
            return null;
        var page = await store.Queries().ListRowsAsync(
            request.SweepId, new SummaryRowQuery { Model = request["model"], Benchmark = request["benchmark"], Take = int.MaxValue }, cancellationToken);
        return Columns.Of(page.Rows);
    }
}
