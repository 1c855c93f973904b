using System.CommandLine;

namespace Sweep.Cli.Commands;

/// <summary>`sweep data`: benchmark files, fetched from their homes or made here.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Benchmark files: what can be pulled, pull it, make RULER's.")
    {
        PullCommand.CreateList(),
        PullCommand.Create(),
        new Command("make", "Make a benchmark's file.") { RulerCommand.Create() },
    };
}
