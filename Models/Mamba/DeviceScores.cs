using System.Runtime.InteropServices;
using Sweep.Models.Cuda;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>
/// Next-token distributions asked on the device, so that a pass of a thousand rows brings home a few numbers and not two hundred megabytes of logits. Sums are double and run in one fixed order.
/// </summary>
public sealed class DeviceScores
{
    private const int Threads = 512;

    private DeviceScores(Tensor logits, double[] normalizers, int[] likeliest, bool[] finite, double[][] targets) =>
        (Logits, Normalizers, Likeliest, AreFinite, TargetLogProbabilities) = (logits, normalizers, likeliest, finite, targets);

    /// <summary>[positions, V] fp32, whose rows may lie further apart; the caller's.</summary>
    public Tensor Logits { get; }

    /// <summary>Log of the sum of exponentials, by position.</summary>
    public IReadOnlyList<double> Normalizers { get; }

    /// <summary>The lowest id of equals.</summary>
    public IReadOnlyList<int> Likeliest { get; }

    public IReadOnlyList<bool> AreFinite { get; }

    public IReadOnlyList<IReadOnlyList<double>> TargetLogProbabilities { get; }

    /// <summary>Null: the logits do not lie where kernels of ours run.</summary>
    /// <param name="model">That gave the logits.</param>
    /// <param name="logits">[positions, V].</param>
    /// <param name="targets">Tokens whose log-probabilities are asked for, by position.</param>
    public static DeviceScores? Of(MambaModel model, Tensor logits, IReadOnlyList<IReadOnlyList<int>> targets)
    {
        if (model.Operations is not CudaOperations operations)
            return null;
        using var scope = NewDisposeScope();
        var kernels = operations.Kernels;
        var count = targets.Count;
        var ends = new int[count];
        for (var i = 0; i < count; i++)
            ends[i] = (i == 0 ? 0 : ends[i - 1]) + targets[i].Count;
        // One piece of memory for all results: one way home.
        var (logProbabilities, doubles) = (count, count + (count == 0 ? 0 : ends[^1]));
        var results = kernels.New([(doubles * sizeof(double)) + (2L * count * sizeof(int))], uint8);
        var at = DevicePointer.Of(results);
        var tables = operations.Tables.Upload<int>([.. ends, .. targets.SelectMany(tokens => tokens)]);
        kernels.Context.Launch(
            kernels.Scoring("score", Threads), (count, 1, 1), Threads,
            new ScoreArguments
            {
                Logits = DevicePointer.Of(logits),
                TargetEnds = DevicePointer.Of(tables),
                Targets = DevicePointer.Of(tables) + (count * sizeof(int)),
                Normalizers = at,
                TargetLogProbabilities = at + (logProbabilities * sizeof(double)),
                Likeliest = at + (doubles * sizeof(double)),
                Finite = at + (doubles * sizeof(double)) + (count * sizeof(int)),
                Vocabulary = (int)logits.shape[1],
                Stride = (int)logits.stride(0),
            });
        var bytes = results.cpu().bytes;
        var values = MemoryMarshal.Cast<byte, double>(bytes)[..doubles].ToArray();
        var numbers = MemoryMarshal.Cast<byte, int>(bytes[(doubles * sizeof(double))..]).ToArray();
        return new(
            logits, values[..count], numbers[..count], [.. numbers[count..].Select(flag => flag != 0)],
            [.. targets.Select((tokens, i) => values[(logProbabilities + ends[i] - tokens.Count)..(logProbabilities + ends[i])])]);
    }

    /// <summary>KL(reference ‖ position) by position; null where there is no reference.</summary>
    public IReadOnlyList<double?> Compare(MambaModel model, IReadOnlyList<(DeviceScores Scores, int Position)?> references)
    {
        using var scope = NewDisposeScope();
        var operations = (CudaOperations)model.Operations;
        var addresses = references.Select(reference => reference is var (scores, position) ? DevicePointer.Of(scores.Logits) + (nint)(position * scores.Logits.stride(0) * sizeof(float)) : 0).ToArray();
        var pointers = operations.Tables.Upload<nint>(addresses);
        var normalizers = operations.Tables.Upload<double>([.. Normalizers, .. references.Select(reference => reference is var (scores, position) ? scores.Normalizers[position] : 0)]);
        var kl = operations.Kernels.New([references.Count], ScalarType.Float64);
        operations.Kernels.Context.Launch(
            operations.Kernels.Scoring("compare", Threads), (references.Count, 1, 1), Threads,
            new CompareArguments
            {
                Logits = DevicePointer.Of(Logits),
                Normalizers = DevicePointer.Of(normalizers),
                References = DevicePointer.Of(pointers),
                ReferenceNormalizers = DevicePointer.Of(normalizers) + (references.Count * sizeof(double)),
                Kl = DevicePointer.Of(kl),
                Vocabulary = (int)Logits.shape[1],
                Stride = (int)Logits.stride(0),
            });
        var values = kl.cpu().data<double>().ToArray();
        return [.. references.Select((reference, i) => reference is null ? (double?)null : values[i])];
    }
}
