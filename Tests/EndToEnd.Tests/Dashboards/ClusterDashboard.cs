using Microsoft.Playwright;
using Sweep.Contracts.Store;
using Sweep.EndToEnd.Tests.Faults;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>What the journeys share: a coordinator, two workers and a dashboard with a login as processes over PostgreSQL, an operator, and two sweeps that are done.</summary>
public sealed class ClusterDashboard(FaultServers servers, ChromiumFixture chromium) : IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private static readonly SiloKind[] Silos = [SiloKind.Coordinator, SiloKind.Worker, SiloKind.Worker];
    private readonly TemporaryFolder _folder = new();
    private DashboardProcess? _process;
    private FaultCluster? _cluster;
    private string? _operator;
    private int _plans;

    internal FaultCluster Cluster => _cluster ?? throw new InvalidOperationException("not started");

    internal DashboardProcess Process => _process ?? throw new InvalidOperationException("not started");

    internal Uri Address => Process.Address;

    /// <summary>Both are at their end and have the same models and benchmarks; the second has other scalars.</summary>
    internal (FaultSweep One, FaultSweep Other) Done { get; private set; } = (null!, null!);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Every test begins with it. A silo that a test before has killed is replaced; sweeps stay.</summary>
    internal async Task ReadyAsync()
    {
        if (_cluster is null)
        {
            _cluster = await servers.ReadyAsync(FaultSettings.Standard, Silos);
            Done = (await _cluster.SubmitAsync(Text("one", "[0.05, 3]")), await _cluster.SubmitAsync(Text("other", "[0.05, 0.5]")));
            await AddUserAsync("ada", "operator");
            _process = await DashboardProcess.StartHostAsync(_folder.Path, [.. _cluster.ClientVariables, ("Sweep__Dashboard__Login", "local")]);
            foreach (var sweep in new[] { Done.One, Done.Other })
                Assert.Equal(SweepState.Completed, (await _cluster.WaitEndAsync(sweep)).Sweep.State);
        }

        await _cluster.ReplaceAsync(Silos);
    }

    /// <summary>A tab where the operator is logged in.</summary>
    internal async Task<BrowserTab> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        if (_operator is null)
        {
            await using var tab = await chromium.OpenAsync();
            await LogInAsync(tab.Page, "ada", "");
            _operator = await tab.Page.Context.StorageStateAsync();
        }

        return await chromium.OpenAsync(width, scheme, storage: _operator);
    }

    /// <summary>Asks for a page as nobody, fills in the form, and is where it was asked for.</summary>
    internal async Task LogInAsync(IPage page, string user, string path)
    {
        await page.GotoAsync(new Uri(Address, path).AbsoluteUri);
        await Assertions.Expect(page).ToHaveTitleAsync("Log in - Sweep");
        await page.GetByLabel("User name").FillAsync(user);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Log in" }).ClickAsync();
        // By its address alone: the page may have been loaded before somebody begins to wait for that.
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(Address, path).AbsoluteUri, Waits.Address);
    }

    internal Task AddUserAsync(string name, string role) => UserAsync("add", name, "--role", role);

    internal Task RemoveUserAsync(string name) => UserAsync("rm", name);

    /// <summary>A plan of a name of its own.</summary>
    internal string NewText(string scalars) => Text(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"journey-{++_plans}"), scalars);

    public async ValueTask DisposeAsync()
    {
        _process?.Dispose();
        if (_cluster is not null)
            await _cluster.AuditAsync(Done.One);
        _folder.Dispose();
    }

    private static string Text(string name, string scalars) => FaultPlan.Text(name).Replace("[0.05, 0.5, 3]", scalars, StringComparison.Ordinal);

    private async Task UserAsync(params string[] arguments) =>
        (await CliProcess.RunAsync(_folder.Path, [.. Cluster.ClientVariables, ("SWEEP_PASSWORD", Password)], ["user", .. arguments, "--store", "postgres"])).Expect(0);
}
