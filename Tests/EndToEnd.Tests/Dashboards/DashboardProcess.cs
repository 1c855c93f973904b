using System.Text.RegularExpressions;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>A program that shows a dashboard, and tabs that look at it.</summary>
internal sealed partial class DashboardProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly CliProcess _process;

    private DashboardProcess(CliProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public string Error => _process.Error;

    /// <summary>Starts a command on a free port and waits for its address.</summary>
    public static Task<DashboardProcess> StartAsync(string folder, params string[] arguments) => StartAsync(folder, [], arguments);

    /// <summary>The same with settings as environment variables.</summary>
    public static Task<DashboardProcess> StartAsync(string folder, IReadOnlyCollection<(string Name, string Value)> variables, params string[] arguments) =>
        WaitAsync(CliProcess.Start(folder, [.. SmallPlan.FinePacking, .. variables], [.. arguments, "--port", "0"]), process => CommandsLine().Match(process.Error));

    /// <summary>Starts the dashboard of a cluster on a free port.</summary>
    public static Task<DashboardProcess> StartHostAsync(string folder, IReadOnlyCollection<(string Name, string Value)> variables) =>
        WaitAsync(CliProcess.StartProgram("DashboardHost", folder, [.. variables, ("Sweep__Dashboard__Port", "0")]), process => HostsLine().Match(process.Output));

    /// <summary>Ctrl-C, and what the command says at its end.</summary>
    public Task<CliOutcome> StopAsync()
    {
        _process.Interrupt();
        return _process.EndAsync();
    }

    /// <summary>Nothing was asked of another host, and nothing went wrong in the page.</summary>
    /// <param name="tab">The page and those before it.</param>
    /// <param name="isMeant">What the console may say. Null: nothing.</param>
    public void AssertClean(BrowserTab tab, Func<string, bool>? isMeant = null)
    {
        Assert.All(tab.Requests, request => Assert.True(request.StartsWith(Address.AbsoluteUri, StringComparison.Ordinal) || request.StartsWith("data:", StringComparison.Ordinal), $"asked for {request}"));
        Assert.DoesNotContain(tab.Messages.Where(message => isMeant?.Invoke(message) != true), message => message.StartsWith("error", StringComparison.Ordinal) || message.StartsWith("warning", StringComparison.Ordinal) || message.StartsWith("uncaught", StringComparison.Ordinal));
    }

    public void Dispose() => _process.Dispose();

    private static async Task<DashboardProcess> WaitAsync(CliProcess process, Func<CliProcess, Match> find)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            Match address;
            while (!(address = find(process)).Success)
            {
                Assert.False(process.HasExited, $"the program ended before it said its address:\n{process.Error}{process.Output}");
                await Task.Delay(50, patience.Token);
            }

            return new DashboardProcess(process, new Uri(address.Groups[1].Value));
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"dashboard at (http://\S+)")]
    private static partial Regex CommandsLine();

    [GeneratedRegex(@"listening on: (http://\S+)")]
    private static partial Regex HostsLine();
}
