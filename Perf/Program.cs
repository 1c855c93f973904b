using System.Globalization;
using Sweep.Perf;
using Sweep.Perf.Dashboards;
using Sweep.Perf.Dispatch;
using Sweep.Perf.Gpu;
using Sweep.Perf.Statistics;
using Sweep.Persistence.Postgres.Local;

// dotnet run -c Release --project Perf -- NAME [--json]
// 0: the results agree and the target is reached; 1: not; 2: no such harness.
using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // Servers and silos are ended first.
    pressed.Cancel = true;
    stopping.Cancel();
};
var harnesses = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["scan"] = Compare(ScanHarness.Run),
    ["ssd"] = Compare(SsdHarness.Run),
    ["log-likelihood"] = Compare(json => PrefixHarness.Run(generate: false, json)),
    ["generation"] = Compare(json => PrefixHarness.Run(generate: true, json)),
    ["ledger"] = Compare(LedgerHarness.Run),
    ["gpu"] = arguments => Task.FromResult(GpuHarness.Run(arguments)),
    ["gpu-soak"] = arguments => Task.FromResult(SoakHarness.Run(arguments)),
    ["gpu-accuracy"] = arguments => Task.FromResult(AccuracyHarness.Run(arguments)),
    ["dashboard"] = arguments => DashboardHarness.RunAsync(arguments, stopping.Token),
    ["viewers"] = arguments => ViewersHarness.RunAsync(arguments, stopping.Token),
    ["dispatch"] = arguments => DispatchHarness.RunAsync(arguments, stopping.Token),
    ["null"] = arguments => NullHarness.RunAsync(arguments, stopping.Token),
    ["crossfit"] = arguments => Task.FromResult(CrossFitHarness.Run(arguments)),
    ["planted"] = arguments => PlantedHarness.RunAsync(arguments, stopping.Token),
    ["shares"] = arguments => SharesHarness.RunAsync(arguments.Contains("--json"), stopping.Token),
    ["pull"] = arguments => PullHarness.RunAsync(arguments.Contains("--json"), stopping.Token),
    ["racing"] = arguments => Task.FromResult(RacingHarness.Run(arguments) ? 0 : 1),
    // A process of dispatch and shares.
    ["silo"] = arguments => StubSilo.RunAsync(int.Parse(arguments[0], CultureInfo.InvariantCulture)),
};
if (args.Length == 0 || !harnesses.TryGetValue(args[0], out var harness))
{
    Console.Error.WriteLine($"perf: found '{args.FirstOrDefault()}', expected one of {string.Join(", ", harnesses.Keys.Where(name => name != "silo"))}, and optionally --json");
    return 2;
}

try
{
    return await harness(args[1..]);
}
catch (Exception exception) when (exception is HarnessException or LocalPostgresException || (exception is OperationCanceledException && stopping.IsCancellationRequested))
{
    Console.Error.WriteLine($"perf {args[0]}: {exception.Message}");
    return 1;
}

static Func<string[], Task<int>> Compare(Func<bool, bool> run) => arguments => Task.FromResult(run(arguments.Contains("--json")) ? 0 : 1);
