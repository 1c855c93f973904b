using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sweep.Models.Mamba;
using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Execution.Prefix;

/// <summary>A position whose next-token distribution is asked for, and what was asked. Every sum runs over the vocabulary in one fixed order.</summary>
internal sealed class ScoredPosition
{
    /// <summary>Row and position in the pass.</summary>
    public required int Row { get; init; }

    public required int Position { get; init; }

    /// <summary>Tokens whose log-probabilities are asked for.</summary>
    public IReadOnlyList<int> Targets { get; init; } = [];

    /// <summary>Keep the log-probabilities, for others to be compared with.</summary>
    public bool KeepsLogProbabilities { get; init; }

    /// <summary>The position that KL(it ‖ this) starts from; must be scored before or with this one.</summary>
    public ScoredPosition? Reference { get; init; }

    public double[] TargetLogProbabilities { get; private set; } = [];

    /// <summary>The likeliest token; the lowest id of equals.</summary>
    public int Likeliest { get; private set; }

    public double? Kl { get; private set; }

    /// <summary>False: the logits hold NaN or infinity.</summary>
    public bool IsFinite { get; private set; }

    private double _normalizer;

    private float[] Kept { get; set; } = [];

    private (DeviceScores Scores, int Position)? KeptThere { get; set; }

    private double KeptNormalizer { get; set; }

    /// <summary>Scores positions of x [rows, L, d_model], or the one that there is of each row, in pieces that keep the logits under a fixed size.</summary>
    public static void ScoreAll(MambaModel model, Tensor x, IReadOnlyList<ScoredPosition> positions, CancellationToken cancellationToken)
    {
        // A device keeps its logits; a processor's go through its caches.
        var logitsAtOnce = model.Device.type == DeviceType.CUDA ? 256L << 20 : 16L << 20;
        var length = x.shape[1];
        var piece = (int)Math.Max(64, logitsAtOnce / model.Config.VocabularySize);
        // References first: a later piece may hold what compares with them. Those that keep logits share no piece with others, whose logits would be kept with them.
        foreach (var chunk in positions.GroupBy(position => (position.Reference is not null, !position.KeepsLogProbabilities)).OrderBy(group => group.Key).SelectMany(group => group.Chunk(piece)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var index = tensor(chunk.Select(position => length == 1 ? position.Row : (position.Row * length) + position.Position).ToArray(), dtype: int64, device: x.device);
            var there = model.Head(x.reshape(-1, x.shape[2]).index_select(0, index));
            if (DeviceScores.Of(model, there, [.. chunk.Select(position => position.Targets)]) is { } scores)
            {
                Take(model, chunk, scores);
                continue;
            }

            var logits = there.cpu().contiguous();
            var width = model.Config.VocabularySize;
            var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, get_num_threads()) };
            Parallel.For(0, chunk.Length, options, i => chunk[i].Score(LogitsOf(logits, i, width)));
            Parallel.For(0, chunk.Length, options, i => chunk[i].Compare(LogitsOf(logits, i, width)));
        }
    }

    /// <summary>A row of contiguous fp32 logits where torch keeps them.</summary>
    private static ReadOnlySpan<float> LogitsOf(Tensor logits, int row, int width) => MemoryMarshal.Cast<byte, float>(logits.bytes).Slice(row * width, width);

    /// <summary>What the device found out, and the logits that later positions compare with.</summary>
    private static void Take(MambaModel model, ScoredPosition[] chunk, DeviceScores scores)
    {
        for (var i = 0; i < chunk.Length; i++)
        {
            (chunk[i].Likeliest, chunk[i].IsFinite, chunk[i].TargetLogProbabilities) = (scores.Likeliest[i], scores.AreFinite[i], [.. scores.TargetLogProbabilities[i]]);
            if (chunk[i].KeepsLogProbabilities)
                chunk[i].KeptThere = (scores, i);
        }

        if (chunk.Any(position => position.KeepsLogProbabilities))
            scores.Logits.MoveToOuterDisposeScope();
        if (chunk.All(position => position.Reference is null))
            return;
        var kl = scores.Compare(model, [.. chunk.Select(position => position.IsFinite && position.Reference is { IsFinite: true } reference ? reference.KeptThere : null)]);
        for (var i = 0; i < chunk.Length; i++)
            chunk[i].Kl = kl[i];
    }

    private void Score(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var token = 1; token < logits.Length; token++)
        {
            if (logits[token] > logits[best])
                best = token;
        }

        Likeliest = best;
        _normalizer = LogSumExp(logits, logits[best]);
        IsFinite = double.IsFinite(_normalizer) && AllFinite(logits);
        TargetLogProbabilities = new double[Targets.Count];
        for (var i = 0; i < Targets.Count; i++)
            TargetLogProbabilities[i] = logits[Targets[i]] - _normalizer;
        if (KeepsLogProbabilities)
            (Kept, KeptNormalizer) = (logits.ToArray(), _normalizer);
    }

    private void Compare(ReadOnlySpan<float> logits)
    {
        if (Reference is null || !IsFinite || !Reference.IsFinite)
            return;
        double kl = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            var p = Reference.Kept[token] - Reference.KeptNormalizer;
            kl += MathF.Exp((float)p) * (p - (logits[token] - _normalizer));
        }

        Kl = Math.Max(0, kl);
    }

    private static double LogSumExp(ReadOnlySpan<float> logits, float maximum)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        var top = Vector512.Create(maximum);
        var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
        foreach (var vector in vectors)
        {
            var (a, b) = Vector512.Widen(Vector512.Exp(vector - top));
            low += a;
            high += b;
        }

        var sum = Vector512.Sum(low + high);
        foreach (var logit in logits[(vectors.Length * Vector512<float>.Count)..])
            sum += Math.Exp((double)logit - maximum);
        return maximum + Math.Log(sum);
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        var sum = Vector<float>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors)
            sum += vector - vector;
        var rest = 0f;
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
            rest += value - value;
        return Vector.Sum(sum) + rest == 0;
    }
}
