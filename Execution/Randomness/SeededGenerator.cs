using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sweep.Execution.Randomness;

/// <summary>
/// Random numbers that depend on words alone, the same on every machine and for ever: SplitMix64 (Steele, Lea, Flood 2014) whose state starts at
/// the first eight bytes, big-endian, of the SHA-256 of the key's parts as UTF-8, each followed by a line feed.
/// </summary>
internal sealed class SeededGenerator
{
    private ulong _state;

    public SeededGenerator(params IEnumerable<string> key)
    {
        var text = new StringBuilder();
        foreach (var part in key)
            text.Append(part).Append('\n');
        _state = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in 0..bound-1, by rejection.</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (ulong)bound;
        var limit = ulong.MaxValue - (ulong.MaxValue % range);
        ulong drawn;
        do
            drawn = Next();
        while (drawn >= limit);
        return (int)(drawn % range);
    }

    /// <summary>A uniformly drawn set of <paramref name="count"/> of the numbers 0..width-1, ascending (a partial Fisher-Yates shuffle).</summary>
    public int[] Subset(int width, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, width);
        var numbers = Enumerable.Range(0, width).ToArray();
        for (var index = 0; index < count; index++)
        {
            var other = index + Below(width - index);
            (numbers[index], numbers[other]) = (numbers[other], numbers[index]);
        }

        var subset = numbers[..count];
        Array.Sort(subset);
        return subset;
    }
}
