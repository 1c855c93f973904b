using System.CommandLine;

namespace Sweep.Cli.Commands;

internal static class CheckModelCommand
{
    public static Command Create() => new("check-model", "");
}
