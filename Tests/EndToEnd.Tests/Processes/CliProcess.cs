using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests.Processes;

/// <summary>The built command as a real process.</summary>
internal sealed partial class CliProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private CliProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string Error
    {
        get
        {
            lock (_error)
                return _error.ToString();
        }
    }

    /// <summary>Starts `sweep ARGUMENTS` in a folder.</summary>
    public static CliProcess Start(string folder, params string[] arguments) => Start(folder, [], arguments);

    /// <summary>Starts it with settings as environment variables.</summary>
    public static CliProcess Start(string folder, IReadOnlyCollection<(string Name, string Value)> variables, params string[] arguments) => StartProgram("Cli", folder, variables, arguments);

    /// <summary>Starts another of this build's programs, by its project.</summary>
    public static CliProcess StartProgram(string project, string folder, IReadOnlyCollection<(string Name, string Value)> variables, params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(Fixtures.Root, project, "bin", configuration, "net10.0", $"Sweep.{project}.dll");
        Assert.True(File.Exists(program), $"{program}: found no such file, expected the program to be built beside its tests");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SWEEP_HOME"] = Fixtures.Root;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var cli = new CliProcess(Process.Start(start)!);
        cli._process.BeginOutputReadLine();
        cli._process.BeginErrorReadLine();
        return cli;
    }

    /// <summary>Runs to the end.</summary>
    public static Task<CliOutcome> RunAsync(string folder, params string[] arguments) => RunAsync(folder, [], arguments);

    public static async Task<CliOutcome> RunAsync(string folder, IReadOnlyCollection<(string Name, string Value)> variables, params string[] arguments)
    {
        using var cli = Start(folder, variables, arguments);
        return await cli.EndAsync();
    }

    public async Task<CliOutcome> EndAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            Assert.Fail($"the command did not end in {Patience.TotalMinutes} minutes; standard error so far:\n{Error}");
        }

        lock (_output)
            return new CliOutcome(_process.ExitCode, _output.ToString(), Error);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt()
    {
        const int Interrupt = 2;
        Assert.Equal(0, SendSignal(_process.Id, Interrupt));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
                text.Append(line).Append('\n');
        }
    }
}

/// <summary>What a process left.</summary>
internal sealed record CliOutcome(int ExitCode, string Output, string Error)
{
    public CliOutcome Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}; standard error:\n{Error}");
        return this;
    }
}
