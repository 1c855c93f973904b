using Sweep.Contracts.Store;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>The list of sweeps.</summary>
internal sealed class SweepsData(ISweepStore store) : IViewData
{
    private const int Most = 100_000;

    public string Name => "sweeps";

    public bool IsOfSweep => false;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        var page = await store.Queries().ListSweepsAsync(
            new SweepListQuery
            {
                Text = request["q"],
                State = Enum.TryParse<SweepState>(request["state"], out var state) ? state : null,
                Owner = request["owner"],
                WithStages = request["stages"] == "true",
                Take = Most,
            },
            cancellationToken);
        var seconds = await store.Queries().SumDeviceSecondsAsync([.. page.Sweeps.Select(sweep => sweep.Id)], cancellationToken);
        return new ViewColumns<SweepRecord>
        {
            { "sweep", sweep => sweep.Id },
            { "name", sweep => sweep.Plan.Name },
            { "owner", sweep => sweep.Plan.Owner },
            { "state", sweep => sweep.State.ToString() },
            { "reason", sweep => sweep.Reason },
            { "device_seconds", sweep => seconds.GetValueOrDefault(sweep.Id) },
            { "submitted_at", sweep => Times.Of(sweep.SubmittedAt) },
            { "finished_at", sweep => Times.Of(sweep.FinishedAt) },
        }.Of(page.Sweeps);
    }
}
