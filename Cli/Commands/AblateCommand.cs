using System.CommandLine;
using Sweep.Cli.Hub;
using Sweep.Cli.Output;
using Sweep.Execution.Identification;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep ablate MODEL`: how far does a model's next token move when layers or channels are taken out?</summary>
internal static class AblateCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model folder, or hf:ORG/NAME[@REVISION]." };
        var texts = new TextOptions();
        var bottlenecks = new Option<string[]>("--bottleneck") { Description = "A bottleneck file, whose channels are taken out too; may be given again.", HelpName = "file" };
        var seed = new Option<long>("--seed") { Description = "Of noise and of random orders.", HelpName = "N" };
        var precision = TextOptions.Precision();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("ablate", "Measure the KL of the next token after ablating layers and the channels of bottleneck files, and after scaling dt_proj.bias (docs/identify.md).") { model };
        foreach (var option in (Option[])[.. texts.All, bottlenecks, seed, precision, device, json])
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new AblationRequest
            {
                Model = parsed.GetValue(model)!,
                Texts = texts.Read(parsed),
                Bottlenecks = parsed.GetValue(bottlenecks) ?? [],
                Seed = parsed.GetValue(seed),
                Precision = parsed.GetValue(precision)!,
            };
            await HubModels.FetchAsync([request.Model], EmbeddedSweep.HubSettings(), cancellationToken);
            var result = await ModelStudy.RunAsync<IAblationStudy, AblationResult>(
                "ablate", parsed.GetValue(device)!, (study, progress) => study.RunAsync(request, progress, cancellationToken));
            ModelStudy.Print(result, parsed.GetValue(json), AblationView.Print);
            return ExitCode.Done;
        });
        return command;
    }
}
