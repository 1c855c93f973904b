using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// Runs a model against the references beside it: golden.safetensors with golden.json (all tensors of a tiny model), reference.json
/// (the most likely next tokens of some prompts), or both.
/// </summary>
public static class ModelCheck
{
    /// <param name="folder">A model folder.</param>
    /// <param name="dtype">The references are fp32; anything narrower fails by its rounding.</param>
    /// <param name="device">Null: the processor.</param>
    /// <param name="cancellationToken">Looked at between comparisons.</param>
    /// <exception cref="InvalidCheckpointException">The folder or a reference is broken. A difference is no exception: see the report.</exception>
    public static ModelCheckReport Run(
        string folder, ScalarType dtype = ScalarType.Float32, Device? device = null, CancellationToken cancellationToken = default)
    {
        using var checkpoint = CheckpointFolder.Open(folder);
        using var model = checkpoint.LoadModel(dtype, device);
        return Run(checkpoint, model, cancellationToken);
    }

    /// <summary>The same for a model that is loaded already, from this folder.</summary>
    public static ModelCheckReport Run(CheckpointFolder checkpoint, MambaModel model, CancellationToken cancellationToken = default)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var entries = new List<ModelCheckEntry>();
        if (File.Exists(Path.Combine(checkpoint.Path, GoldenCheck.TensorFile)))
            entries.AddRange(new GoldenCheck(checkpoint.Path, model).Compare(cancellationToken));
        else if (File.Exists(Path.Combine(checkpoint.Path, GoldenCheck.SteeringFile)))
            throw new InvalidCheckpointException($"{Path.Combine(checkpoint.Path, GoldenCheck.TensorFile)}: found no file, expected the tensors that {GoldenCheck.SteeringFile} beside it is of");
        if (File.Exists(Path.Combine(checkpoint.Path, ReferenceCheck.FileName)))
            entries.AddRange(new ReferenceCheck(checkpoint, model).Compare(cancellationToken));
        return new() { Folder = checkpoint.Path, WeightsHash = checkpoint.WeightsHash, ParameterCount = checkpoint.ParameterCount, Notes = checkpoint.Config.Notes, Entries = entries };
    }

    /// <summary>max|a−b| / max|b|, or max|a−b|, with what is wrong beyond a number.</summary>
    internal static ModelCheckEntry Close(string name, Tensor actual, Tensor expected, double tolerance, bool relative = true)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (actual.to(float64, CPU), expected.to(float64, CPU));
        var (difference, detail) = Difference(a, b, relative);
        return new() { Name = name, Measure = relative ? "relative" : "absolute", Difference = difference, Tolerance = tolerance, Detail = detail };
    }

    private static (double? Difference, string? Detail) Difference(Tensor a, Tensor b, bool relative)
    {
        if (!a.shape.SequenceEqual(b.shape))
            return (null, $"found shape {SafetensorsEntry.Text(a.shape)}, expected {SafetensorsEntry.Text(b.shape)}");
        if (b.numel() == 0)
            return (null, "found no values to compare with");
        var largest = (a - b).abs().max().item<double>();
        var scale = relative ? b.abs().max().item<double>() : 1;
        if (!double.IsFinite(largest) || !double.IsFinite(scale))
            return (null, $"found {Count(a)} values that are not finite, the reference has {Count(b)}");
        if (scale == 0 && largest > 0)
            return (null, $"found values up to {largest:G3}, the reference is 0 everywhere");
        return (largest == 0 ? 0 : largest / scale, null);

        static long Count(Tensor values) => values.isfinite().logical_not().sum().item<long>();
    }

    /// <summary>How many of the numbers differ; those that only one side has count too.</summary>
    internal static ModelCheckEntry Equal(string name, IReadOnlyList<long> actual, IReadOnlyList<long> expected)
    {
        var differing = actual.Zip(expected).Count(pair => pair.First != pair.Second) + Math.Abs(actual.Count - expected.Count);
        return new()
        {
            Name = name,
            Measure = "equal",
            Difference = differing,
            Tolerance = 0,
            Detail = differing == 0 ? null : $"found {SafetensorsEntry.Text(actual)}, expected {SafetensorsEntry.Text(expected)}",
        };
    }
}
