using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;

namespace Sweep.Perf.Dispatch;

/// <summary>A silo of the harness as its parent sees it.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private SiloProcess(Process process) => _process = process;

    /// <summary>Largest working set seen so far.</summary>
    public long PeakBytes { get; private set; }

    public static async Task<SiloProcess> StartAsync(string name, int workers, string connectionString, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Under `dotnet Perf.dll` the process is dotnet itself.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(SiloProcess).Assembly.Location);
        start.ArgumentList.Add("silo");
        start.ArgumentList.Add(workers.ToString(CultureInfo.InvariantCulture));
        start.Environment["Sweep__Store__Provider"] = "postgres";
        start.Environment["Sweep__Store__ConnectionString"] = connectionString;
        start.Environment["Sweep__Silo__Clustering"] = "postgres";
        start.Environment["Sweep__Silo__Name"] = name;
        start.Environment["Logging__LogLevel__Default"] = "Error";
        start.Environment["Logging__Console__LogToStandardErrorThreshold"] = "Trace";
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        var silo = new SiloProcess(Process.Start(start)!);
        try
        {
            if (await silo.ReadAsync(cancellationToken).WaitAsync(StartPatience, cancellationToken) != StubSilo.Ready)
                throw new HarnessException($"{name} did not start; its errors are above");
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    public void Sample()
    {
        _process.Refresh();
        PeakBytes = Math.Max(PeakBytes, _process.WorkingSet64);
    }

    public async Task<SiloReport> ReportAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("report");
        await _process.StandardInput.FlushAsync(cancellationToken);
        return JsonSerializer.Deserialize<SiloReport>((await ReadAsync(cancellationToken))!, SweepJson.Options)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<string?> ReadAsync(CancellationToken cancellationToken) => await _process.StandardOutput.ReadLineAsync(cancellationToken);
}
