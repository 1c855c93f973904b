using System.Diagnostics;
using System.Globalization;
using Sweep.Contracts.Grains;

namespace Sweep.Cli.Output;

/// <summary>One line about a running sweep, from what its coordinator says.</summary>
internal sealed class ProgressLine
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public string Of(SweepStatus status) => Of(status, Stopwatch.GetElapsedTime(_started));

    /// <param name="status">The coordinator's.</param>
    /// <param name="elapsed">Since the run began.</param>
    public string Of(SweepStatus status, TimeSpan elapsed)
    {
        if (status.RowsTotal == 0)
            return $"{status.State.ToLowerInvariant()}…";
        var line = string.Create(CultureInfo.InvariantCulture, $"{status.State.ToLowerInvariant()}  {status.RowsDone:N0}/{status.RowsTotal:N0} items ({100.0 * status.RowsDone / status.RowsTotal:0} %)");
        if (elapsed > TimeSpan.Zero && status.Tokens > 0)
            line += string.Create(CultureInfo.InvariantCulture, $"  {status.Tokens / elapsed.TotalSeconds:N0} tokens/s");
        if (status.RowsDoneHere > 0 && elapsed > TimeSpan.Zero)
        {
            var left = TimeSpan.FromSeconds((status.RowsTotal - status.RowsDone) * (elapsed.TotalSeconds / status.RowsDoneHere));
            line += $"  {Shown(left)} left";
        }

        if (status.ResidentModel is { } model)
            line += $"  model {Short(model)}";
        if (status.BatchesQuarantined > 0)
            line += $"  {status.BatchesQuarantined} batches QUARANTINED";
        return line;
    }

    /// <summary>A weights hash is shown by its beginning, a name whole.</summary>
    private static string Short(string model) => model.Length == 64 && model.All(char.IsAsciiHexDigitLower) ? model[..10] : model;

    private static string Shown(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s");
}
