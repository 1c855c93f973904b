using System.CommandLine;

namespace Sweep.Cli;

/// <summary>The options that several commands share. Each command takes its own instances.</summary>
internal static class CliOptions
{
    public static Option<string> Store() => new("--store")
    {
        Description = "The SQLite file that holds sweeps and results.",
        DefaultValueFactory = _ => Path.Combine(".sweep", "sweep.db"),
        HelpName = "PATH",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as JSON on standard output." };

    public static Option<int?> Items() => new("--items") { Description = "At most so many items of each benchmark.", HelpName = "N" };

    public static Option<int> Workers() => new("--workers") { Description = "Workers, each with its own model.", DefaultValueFactory = _ => 1, HelpName = "N" };

    public static Option<string> Device() => new("--device") { Description = "Kind of device: cpu.", DefaultValueFactory = _ => "cpu", HelpName = "KIND" };

    public static Option<string[]> Roots() => new("--root")
    {
        Description = "A folder in which the plan's files are looked up, beside the plan's own folder, the working folder and the repository.",
        HelpName = "DIR",
    };

    public static Argument<string> Plan() => new("PLAN") { Description = "A plan in YAML or JSON (plans/README.md)." };

    public static Argument<string?> Sweep() => new("SWEEP") { Description = "A sweep's id, or the beginning of it that no other has.", Arity = ArgumentArity.ZeroOrOne };

    public static Option<bool> Latest() => new("--latest") { Description = "The sweep submitted last." };
}
