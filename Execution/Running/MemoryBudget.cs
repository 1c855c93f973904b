using System.Numerics;
using Sweep.Models.Architectures;

namespace Sweep.Execution.Running;

/// <summary>How much one pass may hold: an estimate in bytes against the configured budget, what passes were seen to take, and what running out of memory taught.</summary>
/// <param name="budgetBytes">Of one pass.</param>
/// <param name="inUse">Bytes of the device in use, what torch keeps for later among them; null: unknown, and estimates count as they are.</param>
internal sealed class MemoryBudget(long budgetBytes, Func<long?>? inUse = null)
{
    /// <summary>A pass is never taken to need less of its estimate: memory that was free before it was not seen.</summary>
    private const double LeastShare = 0.2;

    private readonly Dictionary<(string WeightsHash, int LengthBucket), long> _learned = [];
    private readonly Dictionary<(string WeightsHash, int LengthBucket), double> _shares = [];
    private readonly Dictionary<string, long> _floors = [];

    /// <summary>
    /// Bytes of activations of rows × items: about eight tensors each of d_model (fp32, as the residual stream is) and d_inner a position (of one layer, the rest is freed),
    /// the logits of the scored positions, and the states of all layers (fp32), which weigh where d_state is large or texts are short. The identity row counts.
    /// </summary>
    /// <param name="config">The model's.</param>
    /// <param name="rows">Without the identity.</param>
    /// <param name="prompts">Items.</param>
    /// <param name="tokens">Of all items.</param>
    /// <param name="scoredTokens">Positions whose logits are asked for.</param>
    /// <param name="activationBytes">Of one activation.</param>
    public static long Estimate(ModelConfig config, int rows, int prompts, long tokens, long scoredTokens, int activationBytes = sizeof(float)) =>
        (rows + 1) * ((tokens * 8 * ((sizeof(float) * (long)config.DModel) + (activationBytes * (long)config.DInner))) + (scoredTokens * 4 * 2 * config.VocabularySize)
            + (prompts * sizeof(float) * (long)config.LayerCount * config.DInner * (config.DState + config.DConv)));

    /// <summary>Largest estimate that is let through.</summary>
    public long Limit(string weightsHash, int length)
    {
        var key = (weightsHash, Bucket(length));
        return Math.Min((long)Math.Min(long.MaxValue / 2, budgetBytes / _shares.GetValueOrDefault(key, 1)), _learned.GetValueOrDefault(key, long.MaxValue));
    }

    /// <summary>A pass of this estimate did not fit; one that is hardly smaller will not either.</summary>
    public void Failed(string weightsHash, int length, long estimate) =>
        _learned[(weightsHash, Bucket(length))] = Math.Min(Limit(weightsHash, length), estimate / 10 * 9);

    /// <summary>Before a pass: what the next call compares with.</summary>
    public long? Before(string weightsHash)
    {
        if (inUse?.Invoke() is not { } bytes)
            return null;
        _floors.TryAdd(weightsHash, bytes);
        return bytes;
    }

    /// <summary>After a pass of this estimate. Only one that needed more than there was free says how much it takes: all that is in use beyond what was before the model's first pass.</summary>
    public void After(string weightsHash, int length, long estimate, long? before)
    {
        if (before is not { } earlier || inUse?.Invoke() is not { } bytes || bytes <= earlier || estimate <= 0)
            return;
        var key = (weightsHash, Bucket(length));
        var share = Math.Max(LeastShare, (bytes - _floors[weightsHash]) / (double)estimate);
        _shares[key] = Math.Max(_shares.GetValueOrDefault(key), share);
    }

    /// <summary>Lengths of the same power of two behave alike.</summary>
    private static int Bucket(int length) => 32 - BitOperations.LeadingZeroCount((uint)length);
}
