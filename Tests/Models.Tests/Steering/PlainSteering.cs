using Sweep.Models.Steering;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

/// <summary>What the interventions of a row make of an activation, channel by channel and position by position, in double.</summary>
internal static class PlainSteering
{
    /// <param name="interventions">In plan order.</param>
    /// <param name="promptEnd">Positions before it are the prompt.</param>
    public static Func<int, Site, Tensor, Tensor> Hook(IReadOnlyList<Intervention> interventions, int promptEnd) => (layer, site, activation) =>
    {
        var here = interventions.Where(intervention => intervention.Layer == layer && intervention.Site == site).ToArray();
        if (here.Length == 0)
            return activation;
        var (length, width) = ((int)activation.shape[0], (int)activation.shape[1]);
        var values = activation.contiguous().data<double>().ToArray();
        foreach (var intervention in here)
        {
            foreach (var position in Enumerable.Range(0, length).Where(position => Touches(intervention.Positions, position, promptEnd)))
            {
                foreach (var (index, channel) in intervention.Channels.Index())
                    values[(position * width) + channel] = Apply(intervention, index, values[(position * width) + channel]);
            }
        }

        return tensor(values, length, width);
    };

    public static bool Touches(PositionScope positions, int position, int promptEnd) => positions switch
    {
        PositionScope.All => true,
        PositionScope.Prompt => position < promptEnd,
        PositionScope.Generated => position >= promptEnd,
        PositionScope.Last => position == promptEnd - 1,
        _ => throw new ArgumentOutOfRangeException(nameof(positions)),
    };

    public static double Apply(Intervention intervention, int index, double value) => intervention.Operation switch
    {
        Operation.Scale => value * intervention.Scalar,
        Operation.ZeroAblate => 0,
        Operation.MeanAblate => intervention.Values![index],
        Operation.Add => value + (intervention.Scalar * intervention.Values![index]),
        _ => throw new ArgumentOutOfRangeException(nameof(intervention)),
    };
}
