using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cluster.Tests.Processes;

/// <summary>A built program of the repository as a real process.</summary>
internal partial class BuiltProgram : IAsyncDisposable
{
    /// <summary>Long enough for a machine that does much else; what is fast is asserted where it matters.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private int _disposed;

    /// <param name="program">For instance "Silo".</param>
    /// <param name="variables">Its environment, beside what it needs of this process's own.</param>
    /// <param name="arguments">Its command line.</param>
    protected BuiltProgram(string program, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var path = Path.Combine(Fixtures.Root, program, "bin", configuration, "net10.0", $"Sweep.{program}.dll");
        Assert.True(File.Exists(path), $"{path}: found no such file, expected the program to be built beside its tests");
        var start = new ProcessStartInfo("dotnet", [path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };

        // Nothing that this machine happens to have set decides a test.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Sweep__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Error => Text(_error);

    /// <summary>The end of both, for messages.</summary>
    public string Said => string.Join('\n', $"{Output}{Error}".Split('\n').Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(30).Select(line => line[..Math.Min(300, line.Length)]));

    /// <summary>Runs a program to its end.</summary>
    public static async Task<BuiltProgram> RunAsync(string program, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var run = new BuiltProgram(program, variables, arguments);
        await run.ExitAsync();
        return run;
    }

    /// <summary>The exit code, once the process has ended.</summary>
    public async Task<int> ExitAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the process did not end in {Patience.TotalSeconds} s; it said:\n{Output}{Error}");
        }
    }

    public async Task ExpectExitAsync(int exitCode)
    {
        var found = await ExitAsync();
        Assert.True(found == exitCode, $"exit code {found}, expected {exitCode}; it said:\n{Output}{Error}");
    }

    /// <summary>kill -9, or any other signal.</summary>
    public void Send(Signal signal) => Assert.Equal(0, SendSignal(_process.Id, (int)signal));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual void OnLine(string line)
    {
    }

    private void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.Append(line).Append('\n');
        OnLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>Signals by their Linux numbers.</summary>
internal enum Signal
{
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
