using System.CommandLine;
using Spectre.Console;
using Sweep.Cli.Hub;
using Sweep.Cli.Output;
using Sweep.Execution.Identification;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep patch MODEL`: what carries the answer from one prompt to another?</summary>
internal static class PatchCommand
{
    public static Command Create()
    {
        var defaults = new PatchingRequest { Model = "", Pairs = "" };
        var model = new Argument<string>("model") { Description = "A model folder, or hf:ORG/NAME[@REVISION]." };
        var pairs = new Option<string>("--pairs") { Description = "jsonl of {clean, corrupted, answer, other}: two prompts of equally many tokens, and what follows each.", HelpName = "file", Required = true, CustomParser = OptionValues.FileName };
        var sites = new Option<string[]>("--sites") { Description = "Sites that are swapped whole, at every layer.", HelpName = "list", DefaultValueFactory = _ => [.. defaults.Sites], CustomParser = OptionValues.Words };
        var bottlenecks = new Option<string[]>("--bottleneck") { Description = "A bottleneck file, whose channels are swapped too; may be given again.", HelpName = "file" };
        var positions = new Option<string>("--positions") { Description = "all: at all positions at once. groups: also at the subject, which is what differs, its first and last token, what follows it, and the prompt's last token. each: also at every position by itself.", HelpName = "word", DefaultValueFactory = _ => defaults.Positions, CustomParser = result => OptionValues.OneOf(result, (PatchedPositions.All, PatchedPositions.All), (PatchedPositions.Groups, PatchedPositions.Groups), (PatchedPositions.Each, PatchedPositions.Each)) };
        var output = new Option<string?>("--out") { Description = "Write the whole result into this file, as --json prints it.", HelpName = "file", CustomParser = OptionValues.FileName };
        var precision = TextOptions.Precision();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("patch", "Swap activations between clean and corrupted prompts: which are necessary for the answer, which sufficient (docs/identify.md).")
        {
            model, pairs, sites, positions, bottlenecks, output, precision, device, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new PatchingRequest
            {
                Model = parsed.GetValue(model)!,
                Pairs = parsed.GetValue(pairs)!,
                Sites = parsed.GetValue(sites) ?? defaults.Sites,
                Bottlenecks = parsed.GetValue(bottlenecks) ?? [],
                Positions = parsed.GetValue(positions)!,
                Precision = parsed.GetValue(precision)!,
            };
            await HubModels.FetchAsync([request.Model], EmbeddedSweep.HubSettings(), cancellationToken);
            var result = await ModelStudy.RunAsync<IPatchingStudy, PatchingResult>(
                "patch", parsed.GetValue(device)!, (study, progress) => study.RunAsync(request, progress, cancellationToken));
            if (parsed.GetValue(output) is { } file)
                await WholeFile.WriteJsonAsync(file, result, cancellationToken);
            ModelStudy.Print(result, parsed.GetValue(json), found => PatchingView.Print(found, AnsiConsole.Console));
            return ExitCode.Done;
        });
        return command;
    }
}
