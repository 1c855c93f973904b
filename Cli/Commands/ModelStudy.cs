using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Cli.Output;
using Sweep.Contracts.Json;
using Sweep.Execution.Identification;
using Sweep.Hosting;
using Sweep.Persistence.Sqlite;

namespace Sweep.Cli.Commands;

/// <summary>What the commands that look into one model have in common: they run in this process and tell how far they are.</summary>
internal static class ModelStudy
{
    /// <param name="command">As progress names it.</param>
    /// <param name="device">To compute on.</param>
    /// <param name="run">The study.</param>
    public static async Task<TResult> RunAsync<TStudy, TResult>(string command, string device, Func<TStudy, IProgress<IdentifyProgress>, Task<TResult>> run)
        where TStudy : notnull
    {
        await using var services = EmbeddedSweep.CreateServices(Options(device));
        return await RunAsync(command, services, run);
    }

    /// <summary>The same over a store, for what was measured there.</summary>
    public static async Task<TResult> RunAsync<TStudy, TResult>(string command, string device, string storePath, Func<TStudy, IProgress<IdentifyProgress>, Task<TResult>> run)
        where TStudy : notnull
    {
        await using var services = EmbeddedSweep.CreateServices(await SqliteSweepStore.OpenAsync(storePath, CancellationToken.None), Options(device));
        return await RunAsync(command, services, run);
    }

    public static void Print<TResult>(TResult result, bool asJson, Action<TResult> print)
    {
        if (asJson)
            Console.WriteLine(JsonSerializer.Serialize(result, SweepJson.Indented));
        else
            print(result);
    }

    private static EmbeddedOptions Options(string device) => new() { Roots = [Directory.GetCurrentDirectory()], Device = device };

    private static async Task<TResult> RunAsync<TStudy, TResult>(string command, IServiceProvider services, Func<TStudy, IProgress<IdentifyProgress>, Task<TResult>> run)
        where TStudy : notnull
    {
        var progress = new CountedProgress(command, Console.Error, TimeProvider.System);
        try
        {
            return await run(services.GetRequiredService<TStudy>(), progress);
        }
        finally
        {
            progress.End();
        }
    }
}
