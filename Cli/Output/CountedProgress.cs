using System.Globalization;
using Sweep.Execution.Identification;

namespace Sweep.Cli.Output;

/// <summary>How far a long command is: one line that is rewritten on a terminal, a line every five seconds elsewhere.</summary>
internal sealed class CountedProgress(string command, TextWriter output, TimeProvider time, bool? terminal = null) : IProgress<IdentifyProgress>
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly bool _terminal = terminal ?? !Console.IsErrorRedirected;
    private readonly Lock _gate = new();
    private string? _phase;
    private int _first;
    private long _began;
    private long _last;
    private int _drawn;

    public void Report(IdentifyProgress value)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_phase != value.Phase)
                (_phase, _first, _began, _last) = (value.Phase, value.Done, now, now);
            else if (!_terminal && value.Done < value.Total && time.GetElapsedTime(_last, now) < PlainInterval)
                return;
            _last = now;
            var line = Line(value, time.GetElapsedTime(_began, now));
            if (_terminal)
                output.Write($"\r{line.PadRight(_drawn)}");
            else
                output.WriteLine(line);
            _drawn = line.Length;
        }
    }

    /// <summary>What follows begins on a line of its own.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_terminal && _drawn > 0)
                output.WriteLine();
            _drawn = 0;
        }
    }

    private string Line(IdentifyProgress value, TimeSpan elapsed)
    {
        var ran = value.Done - _first;
        var left = ran > 0 && value.Done < value.Total ? $", {Clock(elapsed * ((double)(value.Total - value.Done) / ran))} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{command}: {value.Done:N0}/{value.Total:N0} {value.Phase}{left}");
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1 ? $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";
}
