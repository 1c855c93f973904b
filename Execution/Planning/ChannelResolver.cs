using System.Globalization;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Execution.Calibration;
using Sweep.Execution.Planning.Controls;
using Sweep.Execution.Randomness;
using Sweep.Models.Steering;

namespace Sweep.Execution.Planning;

/// <summary>Turns recipes into channels and bottlenecks into resolved ones with their controls.</summary>
/// <param name="model">Index into the resolved plan's models.</param>
/// <param name="layers">The model's blocks.</param>
/// <param name="weightsHash">The model's.</param>
/// <param name="statistics">What calibration found; null where the plan is only counted, then recipes take the first channels and means are 0.</param>
internal sealed class ChannelResolver(
    int model, int layers, string weightsHash, IReadOnlyDictionary<(int Layer, Site Site), SiteStatistics>? statistics)
{
    /// <summary>The bottleneck, then its controls by kind.</summary>
    public IEnumerable<ResolvedBottleneck> Resolve(OpenBottleneck bottleneck, ControlsPlan controls, long seed)
    {
        var own = bottleneck.Parts.Select((part, index) => Channels(part, index)).ToArray();
        yield return new ResolvedBottleneck
        {
            Model = model,
            Name = bottleneck.Name,
            Role = BottleneckRole.Bottleneck,
            Recipe = string.Join(" + ", bottleneck.Parts.Select(part => part.Recipe)),
            Scalars = bottleneck.Scalars,
            Interventions = [.. bottleneck.Parts.Select((part, index) => Intervention(part, own[index], OrderedValues(part)))],
        };

        var controlled = new ControlledBottleneck
        {
            Bottleneck = bottleneck,
            Own = own,
            Layers = layers,
            WeightsHash = weightsHash,
            Seed = seed,
            Statistics = statistics,
        };
        foreach (var kind in ControlCatalog.Of(controlled, controls).GroupBy(control => control.Kind))
        {
            foreach (var (index, control) in kind.Index())
            {
                yield return new ResolvedBottleneck
                {
                    Model = model,
                    Name = bottleneck.Name,
                    Role = BottleneckRole.Control,
                    Kind = control.Kind,
                    ControlIndex = index,
                    Recipe = control.Recipe,
                    Scalars = control.Scalars ?? bottleneck.Scalars,
                    Interventions = [.. bottleneck.Parts.Select((part, number) => Intervention(part with { Layer = part.Layer + control.Shift }, control.Channels[number], OrderedValues(part)))],
                };
            }
        }
    }

    private int[] Channels(OpenPart part, int index) => part.Channels switch
    {
        { Explicit: { } chosen } => [.. chosen.Order()],
        { Top: { } top } => statistics is null ? [.. Enumerable.Range(0, top)] : statistics[part.Place].Top(top),
        { Random: { } random } => RandomChannels(part, random, index),
        _ => [.. Enumerable.Range(0, part.Width)],
    };

    /// <summary>The same seed draws the same channels for every bottleneck of this width and size, and others for each part.</summary>
    private static int[] RandomChannels(OpenPart part, int count, int index) => new SeededGenerator(
        "sweep-random-channels/1",
        part.Seed!.Value.ToString(CultureInfo.InvariantCulture),
        part.Width.ToString(CultureInfo.InvariantCulture),
        count.ToString(CultureInfo.InvariantCulture),
        index.ToString(CultureInfo.InvariantCulture)).Subset(part.Width, count);

    /// <summary>Values of an addition in the order of the ascending channels.</summary>
    private static IReadOnlyList<double>? OrderedValues(OpenPart part)
    {
        if (part.Operation != Operation.Add)
            return null;
        var values = part.Values ?? [.. Enumerable.Repeat(1.0, part.Size)];
        return part.Channels.Explicit is { } chosen
            ? [.. chosen.Zip(values).OrderBy(pair => pair.First).Select(pair => pair.Second)]
            : values;
    }

    private InterventionSpec Intervention(OpenPart part, int[] channels, IReadOnlyList<double>? values) => new()
    {
        Layer = part.Layer,
        Site = part.Site.ToString(),
        Operation = part.Operation.ToString(),
        Positions = part.Positions.ToString(),
        Channels = channels,
        Values = part.Operation != Operation.MeanAblate
            ? values
            : [.. channels.Select(channel => statistics is null ? 0 : statistics[part.Place].Means[channel])],
    };
}
