namespace Sweep.Models.Architectures;

/// <summary>A tensor of a mixer: its name below "mixer.", its shape, and what a new model has in it.</summary>
internal sealed record MixerTensor(string Name, long[] Shape, Filling Filling);

/// <summary>How a new tensor is filled: the value at an index, for which it may draw numbers, in order of the indexes.</summary>
internal sealed class Filling(Func<Drawing, double> value)
{
    /// <summary>What a linear map or a convolution begins with: uniform, ± 1 / √inputs (torch's default).</summary>
    public static Filling Linear(long inputs, double scale = 1) => new(drawing => drawing.Uniform(-1, 1) * scale / Math.Sqrt(inputs));

    public static Filling Constant(double value) => new(_ => value);

    public static Filling Normal(double deviation) => new(drawing => drawing.Normal() * deviation);

    /// <summary>
    /// The inverse of softplus of a step size that is log-uniform from 0.001 to 0.1, at least 0.0001: the published initialisation of dt_proj.bias and dt_bias.
    /// </summary>
    public static Filling StepSizes { get; } = new(drawing =>
    {
        var step = Math.Max(1e-4, Math.Exp(drawing.Uniform(Math.Log(1e-3), Math.Log(0.1))));
        return step + Math.Log(-Math.Exp(-step) + 1);
    });

    public double Value(Drawing drawing) => value(drawing);
}
