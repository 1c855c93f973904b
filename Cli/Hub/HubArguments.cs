using System.CommandLine;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;
using Sweep.Hosting;

namespace Sweep.Cli.Hub;

/// <summary>How commands name a hub, its cache and its models.</summary>
internal static class HubArguments
{
    public static Option<string?> Cache() => new("--cache")
    {
        Description = "The folder of fetched models; else $Sweep__Hub__Cache, else sweep/models in ~/.cache.",
        HelpName = "folder",
        CustomParser = OptionValues.FileName,
    };

    public static Option<string?> Endpoint() => new("--endpoint")
    {
        Description = $"A Hugging Face-compatible hub; else $Sweep__Hub__Endpoint, else {HubOptions.PublicEndpoint}.",
        HelpName = "url",
        CustomParser = OptionValues.Word,
    };

    /// <exception cref="WrongInputException">No such name.</exception>
    public static HubModel Model(string word) =>
        HubModel.Parse(word, out _) ?? throw new WrongInputException($"model: found '{word}', expected ORG/NAME or ORG/NAME@REVISION, in letters, digits, '-', '_' and '.'");

    /// <summary>The machine's settings with what the command line says instead.</summary>
    /// <exception cref="WrongInputException">They cannot work.</exception>
    public static HubOptions Options(string? cache, string? endpoint)
    {
        var options = EmbeddedSweep.HubSettings();
        if (cache is not null)
            options.Cache = cache;
        if (endpoint is not null)
            options.Endpoint = endpoint;
        return options.Problems().FirstOrDefault() is { } problem ? throw new WrongInputException(problem) : options;
    }

    public static ModelHub Open(HubOptions options) => new(options, Environment.GetEnvironmentVariable(HubOptions.TokenVariable), TimeProvider.System);
}
