namespace Sweep.Evaluation.Statistics;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same seed gives the same draws on every machine and for ever.</summary>
internal struct SplitMix64(long seed)
{
    private ulong _state = (ulong)seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number in 0..count − 1: the high half of a product, whose bias is below count / 2⁶⁴.</summary>
    public int Below(int count) => (int)(((UInt128)Next() * (ulong)count) >> 64);
}
