using System.Globalization;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Pages.Bottlenecks;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Every channel of a bottleneck's places with the score that it was ranked by.</summary>
internal sealed class ScoresData(ISweepStore store) : IViewData
{
    private static readonly ViewColumns<(PartRanks Part, int Channel, float? Score)> Columns = new()
    {
        { "part", row => row.Part.Part },
        { "layer", row => row.Part.Ranked.Layer },
        { "site", row => row.Part.Ranked.Site },
        { "recipe", row => row.Part.Ranked.Recipe },
        { "file", row => row.Part.Ranked.File },
        { "channel", row => row.Channel },
        { "score", row => Shortest(row.Score) },
        { "chosen", row => row.Part.Acts.Channels.Contains(row.Channel) ? "true" : "false" },
    };

    public string Name => "scores";

    public bool IsOfSweep => true;

    public async Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        if (await store.LoadResolutionAsync(request.SweepId, cancellationToken) is not { } resolved || BottleneckFacts.Of(resolved, request["model"], request["name"]) is not { } facts)
            return null;
        return await ChannelRanks.FindAsync(store, request.SweepId, resolved, cancellationToken) is { } found
            ? Columns.Of(ChannelRanks.Of(found, facts.Bottleneck).SelectMany(part => part.Ranked.Scores.Select((score, channel) => (part, channel, score))))
            : null;
    }

    /// <summary>As it is kept, not with the digits that a wider number has.</summary>
    private static double? Shortest(float? score) => score is { } value ? double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
}
