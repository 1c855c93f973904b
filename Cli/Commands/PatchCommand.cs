using System.CommandLine;
using Sweep.Cli.Output;
using Sweep.Execution.Identification;

namespace Sweep.Cli.Commands;

/// <summary>`sweep patch MODEL`: what carries the answer from one prompt to another?</summary>
internal static class PatchCommand
{
    public static Command Create()
    {
        var defaults = new PatchingRequest { Model = "", Pairs = "" };
        var model = new Argument<string>("model") { Description = "A model folder." };
        var pairs = new Option<string>("--pairs") { Description = "jsonl of {clean, corrupted, answer, other}: two prompts of equally many tokens, and what follows each.", HelpName = "file", Required = true, CustomParser = OptionValues.FileName };
        var sites = new Option<string[]>("--sites") { Description = "Sites that are swapped whole, at every layer.", HelpName = "list", DefaultValueFactory = _ => [.. defaults.Sites], CustomParser = OptionValues.Words };
        var bottlenecks = new Option<string[]>("--bottleneck") { Description = "A bottleneck file, whose channels are swapped too; may be given again.", HelpName = "file" };
        var precision = TextOptions.Precision();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("patch", "Swap activations between clean and corrupted prompts: which are necessary for the answer, which sufficient (docs/identify.md).")
        {
            model, pairs, sites, bottlenecks, precision, device, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new PatchingRequest
            {
                Model = parsed.GetValue(model)!,
                Pairs = parsed.GetValue(pairs)!,
                Sites = parsed.GetValue(sites) ?? defaults.Sites,
                Bottlenecks = parsed.GetValue(bottlenecks) ?? [],
                Precision = parsed.GetValue(precision)!,
            };
            var result = await ModelStudy.RunAsync<IPatchingStudy, PatchingResult>(
                "patch", parsed.GetValue(device)!, (study, progress) => study.RunAsync(request, progress, cancellationToken));
            ModelStudy.Print(result, parsed.GetValue(json), PatchingView.Print);
            return ExitCode.Done;
        });
        return command;
    }
}
