using System.Text;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Running;

/// <summary>Ends a generation at the first of some texts; that text and what follows are not part of the response.</summary>
internal sealed class StopRule(IReadOnlyList<string> stops, ITokenCodec codec)
{
    private readonly byte[][] _stops = [.. stops.Select(Encoding.UTF8.GetBytes)];

    public Func<IReadOnlyList<int>, bool>? IsFinished => _stops.Length == 0 ? null : Ends;

    /// <summary>The bytes before the first stop, and whether there was one.</summary>
    public (byte[] Response, bool Stopped) Cut(IReadOnlyList<int> tokens)
    {
        var bytes = codec.DecodeBytes(tokens);
        var end = _stops.Select(stop => bytes.AsSpan().IndexOf(stop)).Where(position => position >= 0).DefaultIfEmpty(-1).Min();
        return end < 0 ? (bytes, false) : (bytes[..end], true);
    }

    /// <summary>A stop that was not there before overlaps the last token, so only the tail is decoded.</summary>
    private bool Ends(IReadOnlyList<int> tokens)
    {
        if (tokens.Count == 0)
            return false;
        var tail = codec.DecodeBytes([tokens[^1]]);
        var enough = tail.Length + _stops.Max(stop => stop.Length) - 1;
        for (var index = tokens.Count - 2; index >= 0 && tail.Length < enough; index--)
            tail = [.. codec.DecodeBytes([tokens[index]]), .. tail];
        return _stops.Any(stop => tail.AsSpan().IndexOf(stop) >= 0);
    }
}
