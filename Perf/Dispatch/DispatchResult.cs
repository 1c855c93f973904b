using System.Globalization;

namespace Sweep.Perf.Dispatch;

/// <summary>What a run of the dispatch harness measured. Times are seconds since the submission.</summary>
internal sealed record DispatchResult
{
    /// <summary>Of a sweep without work, run before the measured one.</summary>
    public const int WarmUpJobs = 2_000;

    public required string Machine { get; init; }

    public required string Store { get; init; }

    public required int Jobs { get; init; }

    public required int Workers { get; init; }

    public required int Silos { get; init; }

    public required double WorkSeconds { get; init; }

    public required long Rows { get; init; }

    public required int Batches { get; init; }

    /// <summary>Grants of all batches; more than <see cref="Batches"/>: some were given back or lost.</summary>
    public required int Attempts { get; init; }

    public required int LateWrites { get; init; }

    /// <summary>Resolved and expanded.</summary>
    public required double RunningSeconds { get; init; }

    /// <summary>Every row is recorded.</summary>
    public required double MakespanSeconds { get; init; }

    /// <summary>Verified and summarized, the summary being a stub.</summary>
    public required double CompletedSeconds { get; init; }

    /// <summary>Over the makespan.</summary>
    public required double JobsPerSecond { get; init; }

    /// <summary>Over the makespan.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Makespan × workers beyond the sum of all work, as a share of it; null without work.</summary>
    public required double? Overhead { get; init; }

    /// <summary>Time that leases held workers beside the work: loading, recording, ending; mean of a lease.</summary>
    public required double LeaseOverheadMilliseconds { get; init; }

    /// <summary>Share of makespan × workers that no lease held: before the first, between two, after the last.</summary>
    public required double Unheld { get; init; }

    public required double GrantP50Milliseconds { get; init; }

    public required double GrantP99Milliseconds { get; init; }

    /// <summary>Largest working set of each silo, the sweep before it included.</summary>
    public required IReadOnlyList<double> SiloPeakMegabytes { get; init; }

    /// <summary>At the end.</summary>
    public required IReadOnlyList<double> SiloMegabytes { get; init; }

    /// <summary>Managed heap of each silo after its last collection.</summary>
    public required IReadOnlyList<double> SiloHeapMegabytes { get; init; }

    public required IReadOnlyList<double> SiloProcessorSeconds { get; init; }

    public static DispatchResult Of(
        DispatchSettings settings, DispatchRun run, IReadOnlyList<SiloReport> silos, IReadOnlyList<long> peaks, string store, string machine)
    {
        var grants = silos.SelectMany(silo => silo.Grants).Order().ToArray();
        var makespan = run.Recorded.TotalSeconds;
        var work = settings.Jobs * settings.Work.TotalSeconds;
        return new DispatchResult
        {
            Machine = machine,
            Store = store,
            Jobs = run.Status.Jobs,
            Workers = settings.Workers,
            Silos = settings.Silos,
            WorkSeconds = settings.Work.TotalSeconds,
            Rows = run.Cost.Rows,
            Batches = run.Status.BatchesTotal,
            Attempts = run.Cost.Attempts,
            LateWrites = run.Cost.LateWrites,
            RunningSeconds = Round(run.Running.TotalSeconds),
            MakespanSeconds = Round(makespan),
            CompletedSeconds = Round(run.Completed.TotalSeconds),
            JobsPerSecond = Round(run.Status.Jobs / makespan),
            RowsPerSecond = Round(run.Cost.Rows / makespan),
            Overhead = work > 0 ? Round(makespan * settings.Workers / work - 1) : null,
            LeaseOverheadMilliseconds = Round((run.HeldSeconds - work) / run.Cost.Attempts * 1000),
            Unheld = Round(1 - run.HeldSeconds / (makespan * settings.Workers)),
            GrantP50Milliseconds = Round(Quantile(grants, 0.5) * 1000),
            GrantP99Milliseconds = Round(Quantile(grants, 0.99) * 1000),
            SiloPeakMegabytes = [.. peaks.Select(Megabytes)],
            SiloMegabytes = [.. silos.Select(silo => Megabytes(silo.WorkingSetBytes))],
            SiloHeapMegabytes = [.. silos.Select(silo => Megabytes(silo.HeapBytes))],
            SiloProcessorSeconds = [.. silos.Select(silo => Round(silo.ProcessorSeconds))],
        };
    }

    public string ToTable()
    {
        var lines = new (string Name, string Text)[]
        {
            ("machine", Machine),
            ("store", Store),
            ("sweep", $"{Jobs:N0} jobs, {Rows:N0} rows, {Batches:N0} batches, {Attempts:N0} attempts, {LateWrites:N0} late writes"),
            ("workers", $"{Workers} on {Silos} silo processes, {WorkSeconds} s of work a job; a sweep of {WarmUpJobs:N0} jobs without work before it"),
            ("jobs/s", $"{JobsPerSecond:N1}"),
            ("rows/s", $"{RowsPerSecond:N0}"),
            ("times", $"running after {RunningSeconds:N1} s, all recorded after {MakespanSeconds:N1} s, completed after {CompletedSeconds:N1} s"),
            ("overhead", Overhead is { } overhead ? $"{overhead:P1} over the sum of all work" : "no work"),
            ("leases", $"{LeaseOverheadMilliseconds:N1} ms of each beside its work; {Unheld:P1} of all workers' time without one"),
            ("grant", $"p50 {GrantP50Milliseconds:N1} ms, p99 {GrantP99Milliseconds:N1} ms"),
            ("memory", $"largest {List(SiloPeakMegabytes)} MB, at the end {List(SiloMegabytes)} MB, heap {List(SiloHeapMegabytes)} MB"),
            ("processor", $"{List(SiloProcessorSeconds)} s"),
        };
        return string.Join(Environment.NewLine, lines.Select(line => $"{line.Name,-10} {line.Text}"));
    }

    private static string List(IReadOnlyList<double> values) => string.Join(" / ", values.Select(value => value.ToString("N0", CultureInfo.InvariantCulture)));

    private static double Quantile(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(share * sorted.Length))];

    private static double Megabytes(long bytes) => Round(bytes / 1e6);

    private static double Round(double value) => Math.Round(value, 3);
}
