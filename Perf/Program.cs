using Sweep.Perf;

// dotnet run -c Release --project Perf -- NAME [--json]
// 0: the results agree and the target is reached; 1: not; 2: no such harness.
var harnesses = new Dictionary<string, Func<bool, bool>>(StringComparer.Ordinal)
{
    ["scan"] = ScanHarness.Run,
    ["log-likelihood"] = json => PrefixHarness.Run(generate: false, json),
    ["generation"] = json => PrefixHarness.Run(generate: true, json),
    ["ledger"] = LedgerHarness.Run,
};
if (args.Length == 0 || !harnesses.TryGetValue(args[0], out var harness))
{
    Console.Error.WriteLine($"perf: found '{args.FirstOrDefault()}', expected one of {string.Join(", ", harnesses.Keys)}, and optionally --json");
    return 2;
}

return harness(args.Contains("--json")) ? 0 : 1;
