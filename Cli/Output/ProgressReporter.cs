using System.Diagnostics;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;

namespace Sweep.Cli.Output;

/// <summary>Follows a sweep to its end: one line that is rewritten on a terminal, a line every five seconds elsewhere and between the lines of a log.</summary>
internal sealed class ProgressReporter(EmbeddedSweep embedded, string sweepId, TextWriter output, bool withLog)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly bool _terminal = !Console.IsErrorRedirected && !withLog;
    private readonly Stopwatch _running = new();
    private TimeSpan _lastLine = TimeSpan.MinValue;
    private int _drawn;
    private string? _stageName;
    private IReadOnlyDictionary<string, string>? _modelNames;

    /// <summary>The final state, or null when interrupted.</summary>
    public async Task<SweepState?> FollowAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = await StatusAsync();

            // Neither a state nor the end while the store does not answer.
            var final = Enum.TryParse<SweepState>(status.State, out var state) && state.IsFinal();
            if (_modelNames is null && status.RowsTotal > 0 && await ResolvedAsync() is { } resolved)
                Take(resolved);
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

    private async Task<ResolvedPlan?> ResolvedAsync() => await embedded.Store.FindSweepAsync(sweepId, CancellationToken.None) is { } sweep
        ? await LatestResolution.FindAsync(embedded.Store, sweep.Plan, CancellationToken.None)
        : null;

    private void Take(ResolvedPlan resolved)
    {
        _modelNames = resolved.Models.GroupBy(model => model.WeightsHash).ToDictionary(group => group.Key, group => group.First().Name);
        foreach (var model in resolved.Models)
        {
            foreach (var note in model.Notes ?? [])
                output.WriteLine($"{(_drawn > 0 ? "\n" : "")}{model.Name}: {note}");
        }
    }

    /// <summary>On a machine that is very busy an answer can fail to come: the sweep goes on, and so does the last line.</summary>
    private async Task<SweepStatus> StatusAsync()
    {
        while (true)
        {
            try
            {
                return await embedded.GetStatusAsync(sweepId);
            }
            catch (TimeoutException)
            {
            }
        }
    }

    private void Report(SweepStatus status, TimeSpan elapsed, bool final)
    {
        var stage = status.Stage is { } shown ? shown[..shown.LastIndexOf(',')] : null;
        if (!_terminal && !final && _stageName == stage && _lastLine != TimeSpan.MinValue && elapsed - _lastLine < PlainInterval)
            return;
        _lastLine = elapsed;

        // Each stage counts its own rows.
        if (_stageName != stage)
            _running.Reset();
        _stageName = stage;
        if (status.RowsTotal > 0)
            _running.Start();
        var model = status.ResidentModel is { } hash ? _modelNames?.GetValueOrDefault(hash) ?? hash : null;
        var line = ProgressLine.Of(status, model, elapsed, _running.Elapsed, _terminal ? Width() - 1 : int.MaxValue);
        if (!_terminal)
        {
            output.WriteLine(line);
            return;
        }

        output.Write($"\r{line}{new string(' ', Math.Max(0, _drawn - line.Length))}{(final ? "\n" : "")}");
        _drawn = line.Length;
    }

    private static int Width()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
