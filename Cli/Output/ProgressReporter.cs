using System.Diagnostics;
using System.Globalization;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli.Output;

/// <summary>Follows a sweep to its end: one line that is rewritten on a terminal, a line every five seconds elsewhere.</summary>
internal sealed class ProgressReporter(EmbeddedSweep embedded, string sweepId, TextWriter output)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private TimeSpan _lastLine = TimeSpan.MinValue;
    private long _started;
    private IReadOnlyDictionary<string, string>? _modelNames;

    /// <summary>The final state, or null when interrupted.</summary>
    public async Task<SweepState?> FollowAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = await embedded.GetStatusAsync(sweepId);
            var state = Enum.Parse<SweepState>(status.State);
            var final = state is SweepState.Completed or SweepState.Canceled or SweepState.Faulted;
            if (_modelNames is null && status.RowsTotal > 0 && await embedded.Store.LoadResolutionAsync(sweepId, CancellationToken.None) is { } resolved)
                _modelNames = resolved.Models.GroupBy(model => model.WeightsHash).ToDictionary(group => group.Key, group => group.First().Name);
            Report(status, clock.Elapsed, final);
            if (final)
                return state;
            try
            {
                await Task.Delay(Poll, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                if (_terminal)
                    await output.WriteLineAsync();
                return null;
            }
        }
    }

    private void Report(SweepStatus status, TimeSpan elapsed, bool final)
    {
        if (!_terminal && !final && _lastLine != TimeSpan.MinValue && elapsed - _lastLine < PlainInterval)
            return;
        _lastLine = elapsed;
        var line = Line(status, elapsed);
        if (!_terminal)
            output.WriteLine(line);
        else
            output.Write($"\r{line[..Math.Min(line.Length, Width() - 1)].PadRight(Width() - 1)}{(final ? "\n" : "")}");
    }

    private string Line(SweepStatus status, TimeSpan elapsed)
    {
        if (status.RowsTotal == 0)
            return $"{sweepId}: {status.State.ToLowerInvariant()}, {elapsed.TotalSeconds:0} s";
        if (_started == 0)
            _started = Stopwatch.GetTimestamp();
        var running = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        var share = (double)status.RowsDone / status.RowsTotal;
        var left = status.RowsDoneHere > 0 ? TimeSpan.FromSeconds(running * (status.RowsTotal - status.RowsDone) / status.RowsDoneHere) : (TimeSpan?)null;
        var parts = new List<string>
        {
            $"{sweepId}: {status.State.ToLowerInvariant()}",
            string.Create(CultureInfo.InvariantCulture, $"{status.RowsDone:N0} of {status.RowsTotal:N0} items ({share:P0})"),
        };
        if (running > 0.5)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Tokens / running:N0} tokens/s"));
        if (left is { } remaining && share < 1)
            parts.Add($"{remaining:m\\:ss} left");
        if (status.ResidentModel is { } model)
            parts.Add(_modelNames?.GetValueOrDefault(model) ?? model);
        if (status.BatchesQuarantined > 0)
            parts.Add($"{status.BatchesQuarantined} batches quarantined");
        return string.Join(", ", parts);
    }

    private static int Width()
    {
        try
        {
            return Math.Max(40, Console.WindowWidth);
        }
        catch (IOException)
        {
            return 120;
        }
    }
}
