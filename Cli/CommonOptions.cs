using System.CommandLine;
using Sweep.Cli.Stores;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;

namespace Sweep.Cli;

/// <summary>Options that several commands share, each command with its own instance.</summary>
internal static class CommonOptions
{
    public static Option<StoreChoice> Store() => new("--store")
    {
        Description = "The results store: a SQLite file, or postgres for the database of $Sweep__Store__ConnectionString.",
        CustomParser = result => new StoreChoice(result.Tokens[0].Value),
        DefaultValueFactory = _ => new StoreChoice(Path.Combine(".sweep", "sweep.db")),
    };

    public static Option<bool> Json() => new("--json") { Description = "Print results as JSON." };

    public static Option<int?> Items() => new("--items") { Description = "At most this many items of every benchmark." };

    public static Option<int> Workers() => new("--workers") { Description = "Workers, each with a model of its own.", DefaultValueFactory = _ => 1 };

    public static Option<string> Device() => new("--device") { Description = "cpu.", DefaultValueFactory = _ => "cpu" };

    public static Option<bool> Verbose() => new("--verbose") { Description = "Log to standard error." };

    public static Option<bool> Latest() => new("--latest") { Description = "The sweep submitted last." };

    public static Argument<string?> Sweep() => new("sweep") { Description = "A sweep's id, or its beginning.", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The one sweep that is meant.</summary>
    public static async Task<SweepRecord> FindSweepAsync(ISweepStore store, string? id, bool latest, CancellationToken cancellationToken)
    {
        if (id is null && !latest)
            throw new WrongInputException("sweep: found nothing, expected a sweep's id or --latest ('sweep list' shows them)");
        var sweeps = await store.ListSweepsAsync(cancellationToken);
        var matching = latest ? sweeps.Take(1).ToArray() : [.. sweeps.Where(sweep => sweep.Id.StartsWith(id!, StringComparison.Ordinal))];
        return matching.Length switch
        {
            1 => matching[0],
            0 => throw new WrongInputException(latest ? "sweep: the store has none" : $"sweep: found none that begins with '{id}' ('sweep list' shows them)"),
            _ => matching.FirstOrDefault(sweep => sweep.Id == id) ?? throw new WrongInputException($"sweep: '{id}' begins {matching.Length} ids, expected one"),
        };
    }

    /// <summary>A plan file's text and plan, with at most so many items a benchmark.</summary>
    public static (SweepPlan Plan, string Text) ReadPlan(string path, int? items)
    {
        if (!File.Exists(path))
            throw new WrongInputException($"{path}: found no file, expected a plan");
        if (new FileInfo(path).Length > 4 << 20)
            throw new WrongInputException($"{path}: found {new FileInfo(path).Length} bytes, expected at most 4 MiB");
        if (items is < 1)
            throw new WrongInputException($"--items: found {items}, expected at least 1");
        var text = File.ReadAllText(path);
        var plan = PlanReader.Read(text, path);
        if (items is { } most)
            plan = plan with { Benchmarks = [.. plan.Benchmarks.Select(benchmark => benchmark with { Items = Math.Min(benchmark.Items ?? most, most) })] };
        return (plan, text);
    }

    /// <summary>The plan's own folder first, then the current one.</summary>
    public static string[] RootsOf(string planPath) => [Path.GetDirectoryName(Path.GetFullPath(planPath))!, Directory.GetCurrentDirectory()];
}
