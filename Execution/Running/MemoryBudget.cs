using System.Numerics;
using Sweep.Models.Architectures;

namespace Sweep.Execution.Running;

/// <summary>How much one pass may hold: an estimate in bytes against the configured budget, and what running out of memory taught.</summary>
internal sealed class MemoryBudget(long budgetBytes)
{
    private readonly Dictionary<(string WeightsHash, int LengthBucket), long> _learned = [];

    /// <summary>
    /// Bytes of activations of rows × items, fp32: about eight tensors each of d_model and d_inner a position (of one layer, the rest is freed),
    /// and the logits of the scored positions. The identity row counts.
    /// </summary>
    public static long Estimate(ModelConfig config, int rows, long tokens, long scoredTokens) =>
        (rows + 1) * ((tokens * 4 * 8 * ((long)config.DModel + config.DInner)) + (scoredTokens * 4 * 2 * config.VocabularySize));

    public long Limit(string weightsHash, int length) => Math.Min(budgetBytes, _learned.GetValueOrDefault((weightsHash, Bucket(length)), long.MaxValue));

    /// <summary>A pass of this estimate did not fit; one that is hardly smaller will not either.</summary>
    public void Failed(string weightsHash, int length, long estimate) =>
        _learned[(weightsHash, Bucket(length))] = Math.Min(Limit(weightsHash, length), estimate / 10 * 9);

    /// <summary>Lengths of the same power of two behave alike.</summary>
    private static int Bucket(int length) => 32 - BitOperations.LeadingZeroCount((uint)length);
}
