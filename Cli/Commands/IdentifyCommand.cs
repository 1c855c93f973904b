using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Output;
using Sweep.Contracts.Json;
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
            await using var services = EmbeddedSweep.CreateServices(new EmbeddedOptions { Roots = [Directory.GetCurrentDirectory()], Device = parsed.GetValue(device)! });
            var progress = new CountedProgress("identify", Console.Error, TimeProvider.System);
            IdentificationResult result;
            try
            {
                result = await services.GetRequiredService<IIdentifier>().RunAsync(request, progress, cancellationToken);
            }
            finally
            {
                progress.End();
            }

            if (options.Folder(parsed) is { } folder)
                await BottleneckFolder.WriteAsync(folder, result.Bottlenecks, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(result, SweepJson.Indented));
            else
                IdentifyView.Print(result, options.Folder(parsed));
            return ExitCode.Done;
        });
        return command;
    }
}
