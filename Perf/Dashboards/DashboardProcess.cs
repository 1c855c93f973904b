using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sweep.Perf.Dispatch;
using Sweep.Perf.Statistics;

namespace Sweep.Perf.Dashboards;

/// <summary>The real DashboardHost as a process on a free loopback port.</summary>
internal sealed partial class DashboardProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Process _process;
    private readonly HttpClient _client;

    private DashboardProcess(Process process, Uri address) => (_process, _client) = (process, new HttpClient { BaseAddress = address, Timeout = Patience });

    /// <summary>Asks it for pages.</summary>
    public HttpClient Client => _client;

    /// <summary>Largest working set seen so far.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Time that all its threads took of processors, user and system.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            Sample();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<DashboardProcess> StartAsync(string connectionString, CancellationToken cancellationToken)
    {
        var program = Path.Combine(StoredSweep.Root, "DashboardHost", "bin", "Release", "net10.0", "Sweep.DashboardHost");
        if (!File.Exists(program))
            throw new HarnessException($"found no {program}, expected one: build DashboardHost first (-c Release)");
        var port = FreePort();
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        start.Environment["Sweep__Store__Provider"] = "postgres";
        start.Environment["Sweep__Store__ConnectionString"] = connectionString;
        start.Environment["Sweep__Silo__Clustering"] = "postgres";
        start.Environment["Sweep__Dashboard__Port"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["Sweep__Dashboard__CallsPerMinute"] = "100000";
        start.Environment["Logging__LogLevel__Default"] = "Error";
        start.Environment["Logging__Console__LogToStandardErrorThreshold"] = "Trace";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var dashboard = new DashboardProcess(process, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));
        try
        {
            await dashboard.WaitAsync(cancellationToken);
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    /// <summary>The page's status; anything but 200 with the expected text is a failure of the harness.</summary>
    public async Task<int> GetAsync(string path, string expected, CancellationToken cancellationToken)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        Sample();
        return response.StatusCode == HttpStatusCode.OK && body.Contains(expected, StringComparison.Ordinal)
            ? 200
            : throw new HarnessException($"GET {path} gave {(int)response.StatusCode} and {body.Length} characters without '{expected}'");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
            _ = Kill(_process.Id, Terminate);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await GetAsync("/", "<html", cancellationToken);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && waited.Elapsed < Patience)
            {
                await Task.Delay(Pause, cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                throw new HarnessException($"the dashboard did not start: {exception.Message}");
            }
        }
    }

    private void Sample()
    {
        _process.Refresh();
        PeakBytes = Math.Max(PeakBytes, _process.WorkingSet64);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
