using System.CommandLine;

namespace Sweep.Cli.Commands;

/// <summary>`sweep models`: model folders.</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models", "Model folders: make them with random weights.")
    {
        ModelsInitCommand.Create(),
    };
}
