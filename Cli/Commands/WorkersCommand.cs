using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Sweep.Cli.Cluster;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;

namespace Sweep.Cli.Commands;

/// <summary>`sweep workers`: silos of a cluster and what their workers do.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("workers", "List the silos and workers of a running cluster.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var cluster = await ClusterSession.ConnectAsync(cancellationToken);
            var silos = await cluster.DescribeSilosAsync(cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(silos, SweepJson.Indented));
            else
                Print(silos);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<SiloDescription> silos)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("silo", "roles", "worker", "device", "memory", "does", "rows", "tokens/s");
        foreach (var silo in silos)
        {
            var roles = string.Join(", ", silo.Roles);
            if (silo.Workers.Count == 0)
                table.AddRow(Markup.Escape(silo.Name), roles, "", "", "", "", "", "");
            foreach (var worker in silo.Workers)
            {
                table.AddRow(
                    Markup.Escape(silo.Name),
                    roles,
                    Markup.Escape(worker.WorkerId),
                    Markup.Escape(worker.Facts is { Name.Length: > 0 } facts ? $"{facts.Kind}: {facts.Name}" : worker.Device),
                    worker.Facts is { MemoryBytes: > 0 and var bytes } ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB") : "",
                    Markup.Escape(Does(worker)),
                    worker.RowsDone.ToString(CultureInfo.InvariantCulture),
                    worker.BusySeconds > 0 ? (worker.Tokens / worker.BusySeconds).ToString("0", CultureInfo.InvariantCulture) : "");
            }
        }

        AnsiConsole.Write(table);
    }

    private static string Does(WorkerStatus worker) => (worker.BatchId, worker.Draining) switch
    {
        (null, true) => "drained",
        ({ } batch, true) => $"{batch}, then drained",
        ({ } batch, false) => batch,
        _ => "idle",
    };
}
