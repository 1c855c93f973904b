using System.CommandLine;
using Sweep.Hosting;

namespace Sweep.Cli.Running;

/// <summary>The options of commands that run a plan.</summary>
internal sealed class RunSettings
{
    private readonly Option<string> _store = CliOptions.Store();
    private readonly Option<int?> _items = CliOptions.Items();
    private readonly Option<int> _workers = CliOptions.Workers();
    private readonly Option<string> _device = CliOptions.Device();
    private readonly Option<string[]> _roots = CliOptions.Roots();
    private readonly Option<bool> _json = CliOptions.Json();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_items, _workers, _device, _store, _roots, _json])
            command.Options.Add(option);
    }

    public Task<int> RunAsync(ParseResult parsed, string planPath, string command, CancellationToken cancellationToken)
    {
        var file = PlanFile.Read(planPath, parsed.GetValue(_items), parsed.GetValue(_roots));
        var options = new EmbeddedOptions
        {
            StorePath = parsed.GetRequiredValue(_store),
            Workers = parsed.GetValue(_workers),
            Device = parsed.GetRequiredValue(_device),
            Roots = [.. file.Roots],
        };
        return new SweepRun(file, options, parsed.GetValue(_json), ContinueCommand(parsed, command)).RunAsync(cancellationToken);
    }

    /// <summary>The same command again, with the options that were given.</summary>
    private string ContinueCommand(ParseResult parsed, string command)
    {
        var words = new List<string> { Environment.GetEnvironmentVariable("SWEEP_COMMAND") ?? "sweep", command };
        foreach (var option in (Option[])[_items, _workers, _device, _store])
        {
            if (parsed.GetResult(option) is { Implicit: false } given)
                words.Add($"{option.Name} {ShellWord.Quote(given.Tokens[^1].Value)}");
        }

        words.AddRange((parsed.GetValue(_roots) ?? []).Select(root => $"{_roots.Name} {ShellWord.Quote(root)}"));
        return string.Join(' ', words);
    }
}
