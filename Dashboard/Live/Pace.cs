using Sweep.Contracts.Grains;

namespace Sweep.Dashboard.Live;

/// <summary>How fast a sweep goes, seen over the last minute.</summary>
internal sealed record Pace
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Rows that were done at points of time, oldest first.</summary>
    private IReadOnlyList<(long At, long Rows, long Tokens)> Marks { get; init; } = [];

    public double? RowsPerSecond { get; private init; }

    public double? TokensPerSecond { get; private init; }

    public TimeSpan? Left { get; private init; }

    public static Pace Begin(SweepStatus status, TimeProvider time) => new() { Marks = [(time.GetTimestamp(), status.RowsDone, status.Tokens)] };

    /// <summary>The pace after another look.</summary>
    public Pace After(SweepStatus status, TimeProvider time)
    {
        var now = time.GetTimestamp();
        // A stage that begins counts from 0 again.
        if (status.RowsDone < Marks[^1].Rows)
            return Begin(status, time);
        var recent = Marks.Where((mark, index) => time.GetElapsedTime(mark.At, now) <= Window || index == Marks.Count - 1).Append((At: now, Rows: status.RowsDone, status.Tokens)).ToArray();
        var (first, last) = (recent[0], recent[^1]);
        var seconds = time.GetElapsedTime(first.At, last.At).TotalSeconds;
        if (seconds <= 0 || last.Rows == first.Rows)
            return this with { Marks = recent };
        var rate = (last.Rows - first.Rows) / seconds;
        return new Pace
        {
            Marks = recent,
            RowsPerSecond = rate,
            TokensPerSecond = Math.Max(0, last.Tokens - first.Tokens) / seconds,
            Left = TimeSpan.FromSeconds(Math.Min((status.RowsTotal - status.RowsDone) / rate, TimeSpan.FromDays(999).TotalSeconds)),
        };
    }
}
