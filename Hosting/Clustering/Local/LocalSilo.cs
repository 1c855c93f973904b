using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Sweep.Hosting.Clustering.Local;

/// <summary>A silo of this build as a process of its own on free loopback ports: for tests and game days. It is ended by its own id, and ends with its owner.</summary>
public sealed partial class LocalSilo : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly string _logPath;
    private readonly int _siloPort;
    private readonly int _httpPort;
    private int? _exitCode;
    private bool _disposed;

    private LocalSilo(LocalSiloOptions options, int[] ports)
    {
        (Name, _siloPort, _httpPort, _logPath) = (options.Name, ports[0], ports[2], Path.Combine(options.Folder, $"{options.Name}.log"));
        _log = new StreamWriter(new FileStream(_logPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        _process = new Process { StartInfo = StartOf(options, ports) };
        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
    }

    public string Name { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _exitCode is not null || _process.HasExited;

    /// <exception cref="LocalSiloException">There is no such program, or no dotnet to run it.</exception>
    public static LocalSilo Start(LocalSiloOptions options)
    {
        if (!File.Exists(options.Program))
            throw new LocalSiloException($"{options.Program}: found no silo, expected a built one (dotnet build Silo -c Release)");
        var silo = new LocalSilo(options, FreePorts.Find(3));
        try
        {
            silo._process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            silo._log.Dispose();
            throw new LocalSiloException($"dotnet: {exception.Message}, expected .NET's command on PATH");
        }

        silo._process.StandardInput.Close();
        silo._process.BeginOutputReadLine();
        silo._process.BeginErrorReadLine();
        return silo;
    }

    /// <summary>A worker's id begins with its silo's address.</summary>
    public bool Owns(string workerId) => workerId.StartsWith(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_siloPort}@"), StringComparison.Ordinal);

    /// <summary>Waits until the silo answers that it is ready.</summary>
    /// <exception cref="LocalSiloException">It ended, or was not ready in time; the message has the end of its log.</exception>
    public async Task WaitReadyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_httpPort}/health/ready"));
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < patience; await Task.Delay(Look, cancellationToken))
        {
            if (HasExited)
                throw new LocalSiloException($"silo {Name} ended with {_process.ExitCode} at its start: {LogEnd()}");
            try
            {
                using var response = await client.GetAsync(address, cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // It does not listen yet, or is busy.
            }
        }

        throw new LocalSiloException($"silo {Name} was not ready within {patience.TotalSeconds:0} s: {LogEnd()}");
    }

    /// <summary>Sends a signal; a process that has ended already is left alone.</summary>
    public void Send(ProcessSignal signal)
    {
        if (!HasExited && Kill(_process.Id, (int)signal) != 0)
            throw new InvalidOperationException($"{signal} to process {_process.Id}: error {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Stops the process and returns when all its threads stand still: on a busy machine some run on for a while after the signal.</summary>
    public async Task SuspendAsync(CancellationToken cancellationToken)
    {
        Send(ProcessSignal.Stop);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!HasExited && !Directory.EnumerateDirectories($"/proc/{_process.Id}/task").All(IsStopped))
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Its exit code.</summary>
    /// <exception cref="TimeoutException">It has not ended in this time.</exception>
    public async Task<int> WaitExitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(patience, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>How it ended, where it has, and the last lines of its log, for messages.</summary>
    public string LogEnd()
    {
        NoteExit();
        using var reader = new StreamReader(new FileStream(_logPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = string.Join(" | ", reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(6));

        // Above 128 a signal ended it, which no log tells of.
        return _exitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code} | {lines}") : lines;
    }

    /// <summary>Like kill -9 where it still runs.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        if (!HasExited)
            _process.Kill();
        _process.WaitForExit();
        NoteExit();
        _disposed = true;
        _process.Dispose();
        lock (_log)
            _log.Dispose();
    }

    /// <summary>Waits for the last lines of a process that has ended, which may still be on their way.</summary>
    private void NoteExit()
    {
        if (_disposed || !HasExited)
            return;
        _process.WaitForExit();
        _exitCode = _process.ExitCode;
    }

    private static ProcessStartInfo StartOf(LocalSiloOptions options, int[] ports)
    {
        var start = new ProcessStartInfo("dotnet", [options.Program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.Folder,
        };

        // Nothing that this process happens to have set is the silo's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Sweep__", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in options.Settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["Sweep__Silo__Name"] = options.Name;
        foreach (var (name, port) in new[] { "Silo__SiloPort", "Silo__GatewayPort", "Network__HttpPort" }.Zip(ports))
            start.Environment[$"Sweep__{name}"] = port.ToString(CultureInfo.InvariantCulture);
        return start;
    }

    /// <summary>The state comes after the name, which may hold anything.</summary>
    private static bool IsStopped(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[^1].StartsWith('T');
        }
        catch (IOException)
        {
            // The thread has ended.
            return true;
        }
    }

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (_log)
        {
            // The last lines of a process may come after it was let go.
            if (_log.BaseStream is { CanWrite: true })
                _log.WriteLine(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}

/// <summary>What a silo of one's own is started with.</summary>
public sealed record LocalSiloOptions
{
    /// <summary>Of the silo, and of its log.</summary>
    public required string Name { get; init; }

    /// <summary>Sweep.Silo.dll.</summary>
    public required string Program { get; init; }

    /// <summary>Settings by their keys (Sweep:Silo:Roles), and further variables; name and ports are the silo's own.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>For its log, NAME.log.</summary>
    public required string Folder { get; init; }
}

/// <summary>A silo of one's own that cannot be had; the message says why.</summary>
public sealed class LocalSiloException(string message) : Exception(message);

/// <summary>Signals by their Linux numbers.</summary>
public enum ProcessSignal
{
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
