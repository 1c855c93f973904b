using System.Diagnostics;
using Sweep.Contracts.Grains;

namespace Sweep.Cli.Output;

/// <summary>Shows progress on standard error: one line rewritten in place on a terminal, otherwise a line every few seconds and at every change of state.</summary>
internal sealed class ProgressDisplay : IDisposable
{
    private static readonly TimeSpan PlainPeriod = TimeSpan.FromSeconds(5);

    private readonly ProgressLine _line = new();
    private readonly bool _live = Terminal.Error.Profile.Capabilities.Interactive && Terminal.Error.Profile.Capabilities.Ansi;
    private (long Time, string State)? _last;
    private int _width;

    private ProgressDisplay()
    {
    }

    public static ProgressDisplay Start() => new();

    public void Show(SweepStatus status)
    {
        var text = _line.Of(status);
        if (_live)
        {
            var room = Math.Max(20, Terminal.Error.Profile.Width - 1);
            var shown = text.Length > room ? text[..room] : text;
            Console.Error.Write('\r' + shown.PadRight(_width));
            _width = shown.Length;
        }
        else if (_last is not { } last || last.State != status.State || Stopwatch.GetElapsedTime(last.Time) >= PlainPeriod)
        {
            _last = (Stopwatch.GetTimestamp(), status.State);
            Console.Error.WriteLine(text);
        }
    }

    public void Dispose()
    {
        if (_live && _width > 0)
            Console.Error.WriteLine();
    }
}
