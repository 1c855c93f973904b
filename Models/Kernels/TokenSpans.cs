using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>
/// Which positions of a padded batch hold real tokens: row r's are Start[r] ≤ t &lt; End[r], one run a row, so that left and right padding
/// are the same thing. A padded step has Δ = 0 and h = 0: it leaves both states as they were; what a kernel returns there is 0.
/// </summary>
public sealed class TokenSpans
{
    private readonly int[] _start;
    private readonly int[] _end;

    public TokenSpans(IReadOnlyList<int> start, IReadOnlyList<int> end, int length)
    {
        if (start.Count != end.Count)
            throw new ArgumentException($"{start.Count} starts, {end.Count} ends");
        for (var row = 0; row < start.Count; row++)
        {
            if (start[row] < 0 || end[row] < start[row] || end[row] > length)
                throw new ArgumentException($"row {row}: span [{start[row]}, {end[row]}) does not lie in 0..{length}");
        }

        _start = [.. start];
        _end = [.. end];
        Length = length;
    }

    /// <summary>Rows of the batch.</summary>
    public int Rows => _start.Length;

    /// <summary>Positions of the padded batch, L.</summary>
    public int Length { get; }

    public ReadOnlySpan<int> Start => _start;

    public ReadOnlySpan<int> End => _end;

    /// <exception cref="ArgumentException">They are those of another batch.</exception>
    internal void MustFit(long rows, long length)
    {
        if (Rows != rows || Length != length)
            throw new ArgumentException($"spans of {Rows} rows and {Length} positions, expected {rows} and {length}");
    }

    /// <summary>True at real positions, [B, L].</summary>
    public torch.Tensor ToMask(torch.Device? device = null)
    {
        var mask = new bool[Rows * Length];
        for (var row = 0; row < Rows; row++)
            Array.Fill(mask, true, (row * Length) + _start[row], _end[row] - _start[row]);
        return torch.tensor(mask, [Rows, Length], device: device);
    }

    /// <summary>Right-padded rows of these lengths.</summary>
    public static TokenSpans RightPadded(IReadOnlyList<int> lengths, int length) => new(new int[lengths.Count], lengths, length);

    /// <summary>Rows without padding.</summary>
    public static TokenSpans Full(int rows, int length) => RightPadded(Enumerable.Repeat(length, rows).ToArray(), length);
}
