using System.Text.RegularExpressions;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>A command that shows a dashboard, and tabs that look at it.</summary>
internal sealed partial class DashboardProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly CliProcess _process;

    private DashboardProcess(CliProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public string Error => _process.Error;

    /// <summary>Starts it on a free port and waits for its address.</summary>
    public static async Task<DashboardProcess> StartAsync(string folder, params string[] arguments)
    {
        var process = CliProcess.Start(folder, SmallPlan.FinePacking, [.. arguments, "--port", "0"]);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            Match address;
            while (!(address = AddressLine().Match(process.Error)).Success)
            {
                Assert.False(process.HasExited, $"the command ended before it said its address:\n{process.Error}");
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

    /// <summary>Ctrl-C, and what the command says at its end.</summary>
    public Task<CliOutcome> StopAsync()
    {
        _process.Interrupt();
        return _process.EndAsync();
    }

    /// <summary>Nothing was asked of another host, and nothing went wrong in the page.</summary>
    public void AssertClean(BrowserTab tab)
    {
        Assert.All(tab.Requests, request => Assert.True(request.StartsWith(Address.AbsoluteUri, StringComparison.Ordinal) || request.StartsWith("data:", StringComparison.Ordinal), $"asked for {request}"));
        Assert.DoesNotContain(tab.Messages, message => message.StartsWith("error", StringComparison.Ordinal) || message.StartsWith("warning", StringComparison.Ordinal) || message.StartsWith("uncaught", StringComparison.Ordinal));
    }

    public void Dispose() => _process.Dispose();

    [GeneratedRegex(@"dashboard at (http://\S+)")]
    private static partial Regex AddressLine();
}
