using System.CommandLine;
using Sweep.Cli.Stores;

namespace Sweep.Cli.Commands;

/// <summary>Options of commands that run sweeps.</summary>
internal sealed class RunSettings
{
    public Option<int?> Items { get; } = CommonOptions.Items();

    public Option<int> Workers { get; } = CommonOptions.Workers();

    public Option<string> Device { get; } = CommonOptions.WorkerDevices();

    public Option<StoreChoice> Store { get; } = CommonOptions.Store();

    public Option<bool> Json { get; } = CommonOptions.Json();

    public Option<bool> Verbose { get; } = CommonOptions.Verbose();

    public DashboardSettings Dashboard { get; } = new(isOptional: true);

    private Option[] All => [Items, Workers, Device, Store, Json, Verbose, .. Dashboard.All];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>The same command line again: $SWEEP_COMMAND (else "sweep"), the command and the options that were given.</summary>
    public string Again(ParseResult parsed, string command)
    {
        var given = All.Select(option => (option.Name, Result: parsed.GetResult(option))).Where(option => option.Result is { Implicit: false });
        var words = given.Select(option => string.Concat(option.Name, option.Result!.Tokens.Count > 0 ? " " + ShellWord.Quote(option.Result.Tokens[^1].Value) : ""));
        return string.Join(' ', [Environment.GetEnvironmentVariable("SWEEP_COMMAND") ?? "sweep", command, .. words]);
    }
}
