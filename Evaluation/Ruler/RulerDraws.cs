using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sweep.Evaluation.Statistics;

namespace Sweep.Evaluation.Ruler;

/// <summary>Random draws of one purpose: the same seed, task and sample give the same ones on every machine.</summary>
internal sealed class RulerDraws(long seed, string purpose)
{
    private SplitMix64 _bits = new(BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"ruler/{seed}/{purpose}")))));

    public int Below(int count) => _bits.Below(count);

    /// <summary>From least to most.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public T Of<T>(IReadOnlyList<T> values) => values[Below(values.Count)];

    public void Shuffle<T>(IList<T> values)
    {
        for (var last = values.Count - 1; last > 0; last--)
        {
            var other = Below(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    /// <summary>So many distinct numbers below count, in ascending order.</summary>
    public int[] Distinct(int count, int below)
    {
        var drawn = new HashSet<int>();
        // Floyd's algorithm: as many draws as numbers, whatever the share.
        for (var top = below - count; top < below; top++)
        {
            var value = Below(top + 1);
            drawn.Add(drawn.Contains(value) ? top : value);
        }

        return [.. drawn.Order()];
    }

    public string Letters(int count, char first) => string.Create(count, (Draws: this, first), static (into, state) =>
    {
        for (var i = 0; i < into.Length; i++)
            into[i] = (char)(state.first + state.Draws.Below(26));
    });

    /// <summary>Version 4 from 128 random bits.</summary>
    public string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits.Next());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _bits.Next());
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
