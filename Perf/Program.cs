using Sweep.Perf;

// dotnet run -c Release --project Perf -- NAME [--json]
var harnesses = new Dictionary<string, Action<bool>>(StringComparer.Ordinal)
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

harness(args.Contains("--json"));
return 0;
