using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Perf.Dispatch;
using Sweep.Persistence.Sqlite;

namespace Sweep.Perf.Statistics;

/// <summary>A sweep over the shipped models and benchmarks, run here into a store: a file that is kept (and continued), or a folder that goes with the process.</summary>
internal sealed class StoredSweep : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly DirectoryInfo? _temporary;

    /// <param name="file">Null: a temporary one.</param>
    public StoredSweep(string? file)
    {
        _temporary = file is null ? Directory.CreateTempSubdirectory("sweep-perf-") : null;
        File = file ?? Path.Combine(_temporary!.FullName, "sweep.db");
    }

    public string File { get; }

    /// <summary>The repository's folder, by its solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Runs the plan to its end, and gives its id.</summary>
    public async Task<string> RunAsync(string plan, CancellationToken cancellationToken)
    {
        var read = PlanReader.Read(plan, "perf");
        await using var embedded = await EmbeddedSweep.StartAsync(new EmbeddedOptions { StorePath = File, Workers = Environment.ProcessorCount, Roots = [Root] }, cancellationToken);
        var submitted = await embedded.SubmitAsync(read, plan, cancellationToken);
        while (submitted.State != SweepState.Completed)
        {
            var status = await embedded.GetStatusAsync(submitted.Id);
            if (SweepStates.IsFinal(status.State))
            {
                if (status.State != nameof(SweepState.Completed))
                    throw new HarnessException($"{submitted.Id} is {status.State}: {status.Reason}");
                break;
            }

            await Console.Error.WriteAsync($"\r{submitted.Id}: {status.RowsDone:N0} of {status.RowsTotal:N0} rows ");
            await Task.Delay(Period, cancellationToken);
        }

        await Console.Error.WriteLineAsync();
        return submitted.Id;
    }

    public Task<ISweepStore> OpenAsync(CancellationToken cancellationToken) => SqliteSweepStore.OpenAsync(File, cancellationToken);

    public void Dispose() => _temporary?.Delete(recursive: true);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Sweep.sln")))
                return folder.FullName;
        }

        throw new HarnessException("found no Sweep.sln above the program");
    }
}
