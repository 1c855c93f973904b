using System.Text;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Architectures;

/// <summary>The numbers of one tensor: they depend on the seed and the tensor's name alone, so that neither the order nor the other tensors matter.</summary>
internal sealed class Drawing
{
    private readonly SplitMix64 _bits;
    private double? _spare;

    public Drawing(ulong seed, string name)
    {
        // FNV-1a over the name, scrambled with the seed by a first draw.
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 1099511628211UL;
        _bits = new(new SplitMix64(seed).Next() ^ hash);
    }

    /// <summary>The element that is filled, in row-major order.</summary>
    public long Index { get; set; }

    public double Uniform(double low, double high) => low + ((high - low) * Unit());

    /// <summary>Box and Muller's pair, one after the other.</summary>
    public double Normal()
    {
        if (_spare is { } spare)
        {
            _spare = null;
            return spare;
        }

        var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - Unit())), 2 * Math.PI * Unit());
        _spare = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    private double Unit() => (_bits.Next() >> 11) * (1.0 / (1UL << 53));
}
