using System.CommandLine;
using Sweep.Cli.Stores;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Execution.Devices;

namespace Sweep.Cli;

/// <summary>Options that several commands share, each command with its own instance.</summary>
internal static class CommonOptions
{
    private const int MaxPlanBytes = 4 << 20;

    public static Option<StoreChoice> Store() => new("--store")
    {
        Description = "The results store: a SQLite file, or postgres for the database of $Sweep__Store__ConnectionString.",
        HelpName = "file|postgres",
        CustomParser = result => new StoreChoice(OptionValues.FileName(result)),
        DefaultValueFactory = _ => new StoreChoice(Path.Combine(".sweep", "sweep.db")),
    };

    public static Option<bool> Json() => new("--json") { Description = "Print results as JSON." };

    public static Option<int?> Items() => new("--items")
    {
        Description = "At most this many items of every benchmark.",
        HelpName = "N",
        CustomParser = result => OptionValues.WholeNumber(result, 1, int.MaxValue),
    };

    public static Option<int> Workers() => new("--workers")
    {
        Description = "Workers, each with a model of its own.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = result => OptionValues.WholeNumber(result, 1, 64),
    };

    public static Option<string> Device() => new("--device")
    {
        Description = "What is computed on: cpu, or one GPU.",
        HelpName = "cpu|cuda:N",
        DefaultValueFactory = _ => DeviceName.Cpu,
        CustomParser = DeviceName.Read,
    };

    public static Option<string> WorkerDevices() => new("--device")
    {
        Description = "What the workers compute on: cpu, one GPU, or all of them with a worker on each.",
        HelpName = $"cpu|cuda:N|{DeviceNames.AllCuda}",
        DefaultValueFactory = _ => DeviceName.Cpu,
        CustomParser = DeviceName.ReadWithAll,
    };

    public static Option<bool> Verbose() => new("--verbose") { Description = "Log to standard error." };

    public static Option<bool> Latest() => new("--latest") { Description = "The sweep submitted last." };

    public static Argument<string?> Sweep() => new("sweep") { Description = "A sweep's id, or its beginning.", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The one sweep that is meant.</summary>
    public static async Task<SweepRecord> FindSweepAsync(ISweepStore store, string? id, bool latest, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(id) != latest)
            throw new WrongInputException($"sweep: found {(latest ? $"both '{id}' and" : "neither an id nor")} --latest, expected one of them ('sweep list' shows the ids)");
        var sweeps = await store.ListSweepsAsync(cancellationToken);
        if (latest)
            return sweeps.FirstOrDefault(sweep => !SearchStages.IsStage(sweep.Plan)) ?? throw new WrongInputException("--latest: found no sweep in the store, expected one that 'sweep run' has submitted");
        var matching = sweeps.Where(sweep => sweep.Id.StartsWith(id!, StringComparison.Ordinal)).ToArray();
        // The stages of a search begin like it does, and are seldom meant.
        if (matching.Length > 1 && matching.Where(sweep => !SearchStages.IsStage(sweep.Plan)).ToArray() is { Length: 1 } asked)
            matching = asked;
        return matching.Length switch
        {
            1 => matching[0],
            0 => throw new WrongInputException($"sweep '{id}': found none whose id begins so, expected one that 'sweep list' shows"),
            _ => matching.FirstOrDefault(sweep => sweep.Id == id)
                ?? throw new WrongInputException($"sweep '{id}': found {matching.Length} whose ids begin so ({string.Join(", ", matching.Take(3).Select(sweep => sweep.Id))}), expected one"),
        };
    }

    /// <summary>A plan file's text and plan, with at most so many items a benchmark.</summary>
    public static (SweepPlan Plan, string Text) ReadPlan(string path, int? items)
    {
        if (Directory.Exists(path))
            throw new WrongInputException($"{path}: found a folder, expected a plan, YAML or JSON");
        if (!File.Exists(path))
            throw new WrongInputException($"{path}: found no file, expected a plan, YAML or JSON");
        if (new FileInfo(path).Length is > MaxPlanBytes and var bytes)
            throw new WrongInputException($"{path}: found {bytes} bytes, expected at most {MaxPlanBytes}");
        var text = File.ReadAllText(path);
        var plan = PlanReader.Read(text, path);
        if (items is { } most)
            plan = plan with { Benchmarks = [.. plan.Benchmarks.Select(benchmark => benchmark with { Items = Math.Min(benchmark.Items ?? most, most) })] };
        return (plan, text);
    }

    /// <summary>The plan's own folder first, then the current one.</summary>
    public static string[] RootsOf(string planPath) => [Path.GetDirectoryName(Path.GetFullPath(planPath))!, Directory.GetCurrentDirectory()];
}
