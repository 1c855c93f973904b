using System.Diagnostics;
using System.Globalization;
using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>`sweep ARGUMENTS` as a process of its own, with a broker and a silo in its environment.</summary>
internal sealed class SweepCommand : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private SweepCommand(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public static SweepCommand Start(Uri broker, MessagingSystem? system, params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet", [Fixtures.Shipped("Cli", "bin", configuration, "net10.0", "Sweep.Cli.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Sweep__Messaging__Host"] = broker.Host;
        start.Environment["Sweep__Messaging__Port"] = broker.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["Sweep__Messaging__Username"] = broker.UserInfo.Split(':')[0];
        start.Environment["Sweep__Messaging__Password"] = broker.UserInfo.Split(':')[^1];
        if (system is not null)
            start.Environment["Sweep__Silo__GatewayPort"] = system.GatewayPort.ToString(CultureInfo.InvariantCulture);
        return new SweepCommand(Process.Start(start)!);
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(Uri broker, MessagingSystem? system, params string[] arguments)
    {
        using var command = Start(broker, system, arguments);
        return await command.EndAsync();
    }

    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return (_process.ExitCode, await _output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
