namespace Sweep.Models.Steering;

/// <summary>Writes an intervention into the activations of one row. Identification replaces it where values are written that no plan has (noise, another run's), and tests, to see that a receipt notices a write that never happens.</summary>
internal class InterventionWriter
{
    public static InterventionWriter Default { get; } = new();

    /// <summary>Changes positions × width values in place; <paramref name="activation"/> starts at the first touched position, <paramref name="stride"/> apart.</summary>
    public virtual unsafe void Write(CompiledIntervention intervention, float* activation, long stride, int positions)
    {
        var channels = intervention.Channels;
        var values = intervention.Values;
        var factor = intervention.Factor;
        for (var position = 0; position < positions; position++, activation += stride)
        {
            switch (intervention.Operation)
            {
                case Operation.Scale:
                    foreach (var channel in channels)
                        activation[channel] *= factor;
                    break;
                case Operation.ZeroAblate:
                    foreach (var channel in channels)
                        activation[channel] = 0;
                    break;
                case Operation.MeanAblate:
                    for (var i = 0; i < channels.Length; i++)
                        activation[channels[i]] = values[i];
                    break;
                case Operation.Add:
                    for (var i = 0; i < channels.Length; i++)
                        activation[channels[i]] += values[i];
                    break;
                default:
                    throw new NotSupportedException($"operation {intervention.Operation}");
            }
        }
    }
}

/// <summary>An intervention as numbers of the kernel: the factor of Scale, the values of MeanAblate, scalar · value of Add.</summary>
internal sealed class CompiledIntervention
{
    public CompiledIntervention(Intervention source)
    {
        Source = source;
        Channels = [.. source.Channels];
        Factor = (float)source.Scalar;
        Values = source.Operation switch
        {
            Operation.MeanAblate => [.. source.Values!.Select(value => (float)value)],
            Operation.Add => [.. source.Values!.Select(value => (float)(source.Scalar * value))],
            _ => [],
        };
    }

    public Intervention Source { get; }

    public Operation Operation => Source.Operation;

    public int[] Channels { get; }

    public float Factor { get; }

    public float[] Values { get; }

    /// <summary>What the i-th channel's value becomes, before it is rounded to the model's dtype.</summary>
    public float Result(int i, float value) => Operation switch
    {
        Operation.Scale => value * Factor,
        Operation.ZeroAblate => 0,
        Operation.MeanAblate => Values[i],
        Operation.Add => value + Values[i],
        _ => throw new NotSupportedException($"operation {Operation}"),
    };

    /// <summary>Touched positions [from, to) of a row whose prompt ends (exclusively) at <paramref name="promptEnd"/>.</summary>
    public (int From, int To) Touched(int start, int end, int promptEnd) => Source.Positions switch
    {
        PositionScope.All => (start, end),
        PositionScope.Prompt => (start, Math.Min(end, promptEnd)),
        PositionScope.Generated => (Math.Max(start, promptEnd), end),
        PositionScope.Last when promptEnd > start && promptEnd <= end => (promptEnd - 1, promptEnd),
        _ => (start, start),
    };
}
