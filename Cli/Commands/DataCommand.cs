using System.CommandLine;

namespace Sweep.Cli.Commands;

/// <summary>`sweep data`: benchmark files that are made here.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Benchmark files: make RULER's.")
    {
        new Command("make", "Make a benchmark's file.") { RulerCommand.Create() },
    };
}
