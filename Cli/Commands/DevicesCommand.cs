using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Contracts.Json;
using Sweep.Execution.Devices;

namespace Sweep.Cli.Commands;

/// <summary>`sweep devices`: what this machine can compute on.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("devices", "List the devices of this machine; every CUDA device runs a kernel and is compared with the processor.") { json };
        command.SetAction(parsed =>
        {
            var devices = DeviceCheck.All();
            var none = DeviceCheck.WhyNoCuda();
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new { devices, cuda = none is null ? null : $"found {none}" }, SweepJson.Indented));
            else
                Print(devices, none);
            return devices.Any(device => device.Problem is not null) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<CheckedDevice> devices, string? none)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("device", "name", "memory", "capability", "CUDA driver", "NVRTC", "scan against oracle");
        foreach (var device in devices)
        {
            table.AddRow(
                device.Device, Markup.Escape(device.Facts.Name), device.Facts.MemoryBytes == 0 ? "" : $"{device.Facts.MemoryBytes >> 20} MiB", device.ComputeCapability ?? "", device.Driver ?? "",
                device.Compiler ?? "",
                device.SelfTestError is { } error ? string.Create(CultureInfo.InvariantCulture, $"{error:0.0e0} in {device.SelfTestSeconds:0.0} s") : "");
        }

        AnsiConsole.Write(table);
        if (none is not null)
            Console.WriteLine($"No CUDA device: found {none}.");
        foreach (var problem in devices.Select(device => device.Problem).OfType<string>())
            Console.Error.WriteLine(problem);
    }
}
