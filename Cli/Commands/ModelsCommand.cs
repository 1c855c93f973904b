using System.CommandLine;

namespace Sweep.Cli.Commands;

/// <summary>`sweep models`: model folders, and the cache of a hub's models.</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models", "Model folders: make them with random weights; fetch them from a hub, list, check and remove what was fetched.")
    {
        ModelsInitCommand.Create(),
        ModelsPullCommand.Create(),
        ModelsCacheCommands.CreateList(),
        ModelsCacheCommands.CreateVerify(),
        ModelsCacheCommands.CreateRemove(),
    };
}
