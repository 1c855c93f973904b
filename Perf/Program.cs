using System.Globalization;
using Sweep.Perf;
using Sweep.Perf.Dispatch;

// dotnet run -c Release --project Perf -- NAME [--json]
// 0: the results agree and the target is reached; 1: not; 2: no such harness.
var harnesses = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["scan"] = Compare(ScanHarness.Run),
    ["log-likelihood"] = Compare(json => PrefixHarness.Run(generate: false, json)),
    ["generation"] = Compare(json => PrefixHarness.Run(generate: true, json)),
    ["ledger"] = Compare(LedgerHarness.Run),
    ["dispatch"] = DispatchHarness.RunAsync,
    // A process of the dispatch harness.
    ["silo"] = arguments => StubSilo.RunAsync(arguments[1..], int.Parse(arguments[0], CultureInfo.InvariantCulture)),
};
if (args.Length == 0 || !harnesses.TryGetValue(args[0], out var harness))
{
    Console.Error.WriteLine($"perf: found '{args.FirstOrDefault()}', expected one of {string.Join(", ", harnesses.Keys.Where(name => name != "silo"))}, and optionally --json");
    return 2;
}

return await harness(args[1..]);

static Func<string[], Task<int>> Compare(Func<bool, bool> run) => arguments => Task.FromResult(run(arguments.Contains("--json")) ? 0 : 1);
