using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting.Clustering.Local;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Retention;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>Silo processes over a database of their own, and what the store says of them.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Closely = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Calmly = TimeSpan.FromMilliseconds(250);
    private static int _clusters;
    private readonly FaultServers _servers;
    private readonly SiloAccount _account;
    private readonly Uri _broker;
    private readonly string _clusterId = string.Create(CultureInfo.InvariantCulture, $"faults-{++_clusters}");
    private readonly List<(LocalSilo Silo, SiloKind Kind)> _silos = [];
    private int _started;
    private int _sweeps;

    private FaultCluster(FaultServers servers, FaultSettings settings, SiloAccount account, ISweepStore store, Uri broker) =>
        (_servers, Settings, _account, Store, _broker) = (servers, settings, account, store, broker);

    public FaultSettings Settings { get; }

    /// <summary>As the owner of the schema.</summary>
    public ISweepStore Store { get; }

    public SiloAccount Account => _account;

    public IReadOnlyList<LocalSilo> Silos => [.. _silos.Select(pair => pair.Silo)];

    /// <summary>What a program is told that looks at the cluster from outside, as environment variables.</summary>
    public IReadOnlyList<(string Name, string Value)> ClientVariables =>
    [
        ("Sweep__Store__Provider", "postgres"),
        ("Sweep__Store__ConnectionString", _account.OwnersConnection),
        ("Sweep__Silo__Clustering", "postgres"),
        ("Sweep__Silo__ClusterId", _clusterId),
    ];

    /// <summary>The test that had it did not come to its end: nothing is known of what runs there.</summary>
    public bool IsSpoiled { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<FaultCluster> CreateAsync(FaultServers servers, FaultSettings settings)
    {
        var broker = await servers.RabbitMq.AddressAsync();
        var account = await SiloAccount.CreateAsync(await servers.Postgres.CreateStoreAsync());
        return new FaultCluster(servers, settings, account, await PostgresSweepStore.OpenAsync(account.OwnersConnection, Token), broker);
    }

    /// <summary>Removes what the test before left, and waits until exactly these silos are there and ready.</summary>
    public async Task BeginAsync(IReadOnlyList<SiloKind> kinds)
    {
        IsSpoiled = true;
        foreach (var sweep in await Store.ListSweepsAsync(Token))
            await SweepRetention.RemoveAsync(Store, sweep.Id, Token);
        await ReplaceAsync(kinds);
    }

    /// <summary>The same beside what the test before left.</summary>
    public async Task ReplaceAsync(IReadOnlyList<SiloKind> kinds)
    {
        foreach (var (silo, kind) in _silos.ToList())
        {
            if (silo.HasExited || _silos.Count(pair => pair.Kind == kind) > kinds.Count(wanted => wanted == kind))
                await TerminateAsync(silo);
        }

        foreach (var kind in kinds.Distinct())
        {
            for (var missing = kinds.Count(wanted => wanted == kind) - _silos.Count(pair => pair.Kind == kind); missing > 0; missing--)
                Add(kind);
        }

        await ReadyAsync();
    }

    /// <summary>One more silo; it is not waited for.</summary>
    public LocalSilo Add(SiloKind kind)
    {
        var silo = LocalSilo.Start(new LocalSiloOptions
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{_clusterId}-silo-{++_started}"),
            Program = Path.Combine(Fixtures.Root, "Silo", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "Sweep.Silo.dll"),
            Settings = SettingsOf(kind),
            Folder = _servers.Folder,
        });
        _silos.Add((silo, kind));
        return silo;
    }

    public Task ReadyAsync() => Task.WhenAll(_silos.Select(pair => pair.Silo.WaitReadyAsync(StartPatience, Token)));

    public LocalSilo Single(SiloKind kind) => _silos.Single(pair => pair.Kind == kind).Silo;

    /// <summary>Writes the sweep's row, as a consumer of messages does; the silos' watchers take it up.</summary>
    public Task<FaultSweep> SubmitAsync() => SubmitAsync(NewSweep(), FaultPlan.Text);

    /// <summary>A plan of the caller's, named by its own words.</summary>
    public Task<FaultSweep> SubmitAsync(string text) => SubmitAsync(new FaultSweep(PlanReader.Read(text, "plan.yaml")), _ => text);

    /// <summary>The same of a search.</summary>
    public Task<FaultSweep> SubmitSearchAsync() => SubmitAsync(new FaultSweep(FaultPlan.Search(NextName())), FaultPlan.SearchText);

    /// <summary>A sweep of the same work as all others that is submitted by other means.</summary>
    public FaultSweep NewSweep() => new(FaultPlan.Plan(NextName()));

    /// <summary>kill -9; returns when the process is gone.</summary>
    public async Task KillAsync(params IEnumerable<LocalSilo> silos)
    {
        var victims = silos.ToList();
        victims.ForEach(silo => silo.Send(ProcessSignal.Kill));
        foreach (var silo in victims)
        {
            await silo.WaitExitAsync(EndPatience, Token);
            Forget(silo);
        }
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> TerminateAsync(LocalSilo silo)
    {
        silo.Send(ProcessSignal.Terminate);
        var code = await silo.WaitExitAsync(EndPatience, Token);
        Forget(silo);
        return code;
    }

    /// <summary>The silo where the grain is active now.</summary>
    public async Task<LocalSilo> FindAsync(Func<IGrainFactory, IAddressable> grain)
    {
        await using var finder = await OpenFinderAsync();
        return await finder.FindAsync(grain, Silos);
    }

    /// <summary>To find grains at once, where there is no time to connect first.</summary>
    public Task<GrainFinder> OpenFinderAsync() =>
        GrainFinder.OpenAsync([new("Sweep:Store:ConnectionString", _account.OwnersConnection), new("Sweep:Silo:ClusterId", _clusterId)], Token);

    /// <summary>Looks at the store until the condition holds.</summary>
    /// <param name="phase">What the test is at, said when it takes too long.</param>
    /// <param name="sweep">The sweep.</param>
    /// <param name="condition">Of the sweep's row and batches.</param>
    public Task<SweepView> WaitAsync(string phase, FaultSweep sweep, Func<SweepView, bool> condition) => WaitAsync(phase, sweep, Closely, condition);

    /// <summary>The sweep is at work: something is recorded, something is leased.</summary>
    public Task<SweepView> WaitAtWorkAsync(FaultSweep sweep) => WaitAsync("waiting for the sweep to be at work", sweep, TimeSpan.FromMilliseconds(100), view => view.Completed > 0 && view.Leased.Any());

    /// <summary>A batch that was set aside is at its end.</summary>
    public Task<SweepView> WaitRetriedAsync(FaultSweep sweep, string batch) => WaitAsync("waiting for the batch that was tried again", sweep, Calmly, view => view.Find(batch).Status == BatchStatus.Completed);

    public Task<SweepView> WaitEndAsync(FaultSweep sweep) => WaitAsync("waiting for the sweep's end", sweep, Calmly, view => view.Sweep.State.IsFinal());

    /// <summary>The sweep ends, its export is the undisturbed run's byte for byte, and its audit is clean.</summary>
    public async Task<SweepAudit> AssertUndisturbedAsync(FaultSweep sweep)
    {
        var view = await WaitEndAsync(sweep);
        Assert.Equal(SweepState.Completed, view.Sweep.State);
        Assert.Equal(sweep.Plan.Search is null ? FaultPlan.Renamed(_servers.Reference, sweep.Name) : FaultPlan.SearchRenamed(await _servers.SearchReferenceAsync(), sweep.Name), await ExportAsync(sweep));
        var audit = await AuditAsync(sweep);
        Assert.Equal(audit.RowsExpected, audit.RowsRecorded);
        return audit;
    }

    public async Task<string> ExportAsync(FaultSweep sweep)
    {
        using var bytes = new MemoryStream();
        await SweepExporter.ExportAsync(Store, sweep.Id, ExportFormat.Json, withRun: false, bytes, Token);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Clean; and with it the test has come to its end.</summary>
    public async Task<SweepAudit> AuditAsync(FaultSweep sweep)
    {
        var (audit, _) = await SweepAuditor.AuditAsync(Store, sweep.Id, sample: 0, seed: 0, Token);
        Assert.Empty(audit.Problems);
        IsSpoiled = false;
        return audit;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
            silo.Dispose();
        await ((IAsyncDisposable)Store).DisposeAsync();
        await _account.DisposeAsync();
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{_clusterId}-{++_sweeps}");

    private async Task<FaultSweep> SubmitAsync(FaultSweep sweep, Func<string, string> text)
    {
        await Store.SubmitAsync(sweep.Id, sweep.Plan, text(sweep.Name), Token);
        return sweep;
    }

    private void Forget(LocalSilo silo)
    {
        _silos.RemoveAll(pair => pair.Silo == silo);
        silo.Dispose();
    }

    private async Task<SweepView> WaitAsync(string phase, FaultSweep sweep, TimeSpan interval, Func<SweepView, bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(interval);
        SweepView? last = null;
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            if (await TryLookAsync(sweep) is { } view && condition(last = view))
                return view;
            await timer.WaitForNextTickAsync(Token);
        }

        Assert.Fail($"{phase}: not reached in {Patience.TotalSeconds:0} s; the sweep is {last?.ToString() ?? "not readable"}\n{string.Join('\n', Silos.Select(silo => $"{silo.Name}: {silo.LogEnd()}"))}");
        throw new UnreachableException();
    }

    /// <summary>Null while the store is away or does not have the sweep.</summary>
    private async Task<SweepView?> TryLookAsync(FaultSweep sweep)
    {
        try
        {
            return await Store.FindSweepAsync(sweep.Id, Token) is { } record ? new SweepView(record, await Store.ListBatchesAsync(sweep.Id, Token)) : null;
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    private Dictionary<string, string> SettingsOf(SiloKind kind)
    {
        var user = _broker.UserInfo.Split(':');
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Sweep:Store:Provider"] = "postgres",
            ["Sweep:Store:ConnectionString"] = _account.SilosConnection,
            ["Sweep:Silo:Clustering"] = "postgres",
            ["Sweep:Silo:Membership"] = Settings.Membership,
            ["Sweep:Silo:ClusterId"] = _clusterId,
            ["Sweep:Silo:Roles"] = kind.Roles,
            ["Sweep:Messaging:Transport"] = "rabbitmq",
            ["Sweep:Messaging:Host"] = _broker.Host,
            ["Sweep:Messaging:Port"] = _broker.Port.ToString(CultureInfo.InvariantCulture),
            ["Sweep:Messaging:Username"] = user[0],
            ["Sweep:Messaging:Password"] = user[1],
            ["Sweep:Files:Roots:0"] = Fixtures.Root,
            ["Sweep:Dispatch:LeaseSeconds"] = Settings.LeaseSeconds,
            ["Sweep:Dispatch:TickSeconds"] = "0.25",
            ["Sweep:Dispatch:WatchSeconds"] = "1",
            ["Sweep:Planner:TargetMicroBatchSeconds"] = Settings.MicroBatchSeconds,
            ["Sweep:Planner:TargetBatchSeconds"] = "1",
            ["Sweep:Planner:MinimumBatches"] = "8",
            ["Sweep:Planner:MinimumRows"] = "4",
            ["Sweep:Device:IntraOpThreads"] = "1",
        };
        if (kind.ClockOffset is { } offset)
        {
            settings["LD_PRELOAD"] = FakeTime.Library();
            settings["FAKETIME"] = offset;
            // Timers, timeouts and leases run on the monotonic clock, which no administrator sets.
            settings["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
            // It reads its settings again every 10 s, in whichever thread asks for the time, and ends the process where it fails to.
            settings["FAKETIME_CACHE_DURATION"] = "86400";
        }

        return settings;
    }
}

/// <summary>A sweep of a plan's work under a name of its own.</summary>
internal sealed record FaultSweep(SweepPlan Plan)
{
    public string Name => Plan.Name;

    public string Id => SweepIds.Of(Plan);
}

/// <summary>A sweep as the store has it at one moment.</summary>
internal sealed record SweepView(SweepRecord Sweep, IReadOnlyList<BatchRecord> Batches)
{
    public int Completed => Batches.Count(batch => batch.Status == BatchStatus.Completed);

    public IEnumerable<BatchRecord> Leased => Batches.Where(batch => batch is { Status: BatchStatus.Leased, WorkerId: not null });

    public IEnumerable<BatchRecord> LeasedTo(LocalSilo silo) => Leased.Where(batch => silo.Owns(batch.WorkerId!));

    public BatchRecord Find(string batchId) => Batches.Single(batch => batch.Id == batchId);

    public override string ToString() =>
        $"{Sweep.State} ({Sweep.Reason ?? "no reason"}), {string.Join(", ", Batches.GroupBy(batch => batch.Status).Select(group => $"{group.Count()} {group.Key}"))}";
}
