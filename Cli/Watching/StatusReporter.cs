using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Cli.Watching;

/// <summary>Shows a sweep's status: a line each time it changes, or JSON objects, one a line.</summary>
internal sealed class StatusReporter(TextWriter output, bool json)
{
    private (long Rows, long At)? _first;

    public void Report(SweepStatusReply status) => output.WriteLine(json ? JsonSerializer.Serialize(status, MessageJson.Options) : Line(status));

    private string Line(SweepStatusReply status)
    {
        var parts = new List<string> { $"{status.SweepId}: {status.Stage ?? status.State.ToLowerInvariant()}" };
        if (status.RowsTotal > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.RowsDone:N0} of {status.RowsTotal:N0} items ({(double)status.RowsDone / status.RowsTotal:P0})"));
        if (!SweepStates.IsFinal(status.State) && Left(status) is { } left)
            parts.Add($"{left:h\\:mm\\:ss} left");
        if (status.BatchesLeased > 0)
            parts.Add($"{status.BatchesLeased} batch{(status.BatchesLeased == 1 ? "" : "es")} running");
        if (status.BatchesSetAside > 0)
            parts.Add($"{status.BatchesSetAside} set aside");
        if ((status.Hindrance ?? status.Reason) is { } reason)
            parts.Add(reason.Split('\n')[0]);
        return string.Join(", ", parts);
    }

    /// <summary>By the pace since the first look; null before anything was seen to move.</summary>
    private TimeSpan? Left(SweepStatusReply status)
    {
        var (rows, at) = _first ??= (status.RowsDone, Stopwatch.GetTimestamp());
        var done = status.RowsDone - rows;
        return done > 0 ? Stopwatch.GetElapsedTime(at) * ((double)(status.RowsTotal - status.RowsDone) / done) : null;
    }
}
