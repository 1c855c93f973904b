using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Live;

namespace Sweep.Dashboard.Pages.Sweeps;

/// <summary>Which of the sweeps are shown.</summary>
/// <param name="Text">Part of a name, an id or an owner.</param>
/// <param name="State">Null: every state.</param>
/// <param name="Owner">Null: every owner.</param>
/// <param name="WithStages">Stages of searches, too.</param>
internal sealed record SweepFilter(string? Text, SweepState? State, string? Owner, bool WithStages)
{
    public IReadOnlyList<SweepRecord> Of(SweepIndex index) => [.. index.Sweeps.Where(sweep =>
        (WithStages || !SearchStages.IsStage(sweep.Plan))
        && (State is null || sweep.State == State)
        && (string.IsNullOrEmpty(Owner) || sweep.Plan.Owner == Owner)
        && (string.IsNullOrWhiteSpace(Text) || Contains(sweep.Id) || Contains(sweep.Plan.Name) || Contains(sweep.Plan.Owner)))];

    private bool Contains(string value) => value.Contains(Text!.Trim(), StringComparison.OrdinalIgnoreCase);
}
