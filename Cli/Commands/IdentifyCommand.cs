using System.CommandLine;
using Sweep.Cli.Hub;
using Sweep.Cli.Output;
using Sweep.Execution.Identification;
using Sweep.Hosting;

namespace Sweep.Cli.Commands;

/// <summary>`sweep identify MODEL`: on which layers and channels do a model's answers hang?</summary>
internal static class IdentifyCommand
{
    public static Command Create()
    {
        var options = new IdentifyOptions();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("identify", "Look into a model's layers over a text, rank the channels of some of them, and write bottleneck files (docs/identify.md).") { device, json };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = options.Read(parsed);
            await HubModels.FetchAsync([request.Model], EmbeddedSweep.HubSettings(), cancellationToken);
            var on = parsed.GetValue(device)!;
            if (options.Measuring(parsed) is var (store, workers) && await MeasuredIdentify.MeasureAsync(request, store, workers, on, cancellationToken) is { } ended)
                return ended;
            var result = options.Measuring(parsed) is var (measured, _)
                ? await ModelStudy.RunAsync<IIdentifier, IdentificationResult>("identify", on, measured, (study, progress) => study.RunAsync(request with { IsMeasured = true }, progress, cancellationToken))
                : await ModelStudy.RunAsync<IIdentifier, IdentificationResult>("identify", on, (study, progress) => study.RunAsync(request, progress, cancellationToken));
            if (options.Folder(parsed) is { } folder)
                await BottleneckFolder.WriteAsync(folder, result.Bottlenecks, cancellationToken);
            ModelStudy.Print(result, parsed.GetValue(json), identified => IdentifyView.Print(identified, options.Folder(parsed)));
            return ExitCode.Done;
        });
        return command;
    }
}
