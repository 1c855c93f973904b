using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence;
using Sweep.Persistence.Sqlite;

namespace Sweep.Hosting;

/// <summary>A running embedded host that owns its store: no other process works on it, so leases that a killed one left are void at once.</summary>
public sealed class EmbeddedSweeps : IAsyncDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromMinutes(2);

    private readonly StoreLock _lock;
    private readonly IHost _host;

    private EmbeddedSweeps(StoreLock storeLock, ISweepStore store, IHost host)
    {
        _lock = storeLock;
        Store = store;
        _host = host;
    }

    public ISweepStore Store { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>Locks and opens the store, voids what a killed process left, starts silo and workers.</summary>
    /// <exception cref="StoreInUseException">Another process owns the store; the message names it.</exception>
    /// <exception cref="IncompatibleStoreException">The file is no store of this version.</exception>
    public static async Task<EmbeddedSweeps> StartAsync(EmbeddedOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.StorePath))!);
        var storeLock = StoreLock.Take(options.StorePath);
        IHost? host = null;
        ISweepStore? store = null;
        try
        {
            store = await SqliteSweepStore.OpenAsync(options.StorePath, cancellationToken);
            await store.VoidLeasesAsync(cancellationToken);
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.AddSweepEmbedded(store, options);
            // Signals are the caller's; a drain ends with the running micro-batch.
            builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainTime);
            host = builder.Build();
            await host.StartAsync(cancellationToken);
            return new EmbeddedSweeps(storeLock, store, host);
        }
        catch
        {
            host?.Dispose();
            (store as IDisposable)?.Dispose();
            storeLock.Dispose();
            throw;
        }
    }

    /// <summary>Submits the plan, or takes its sweep up where it stopped; a sweep that was canceled or faulted is tried again.</summary>
    public async Task<SweepRecord> SubmitAsync(SweepPlan plan, string planText, CancellationToken cancellationToken)
    {
        var id = SweepIds.Of(plan);
        var record = await Store.SubmitAsync(id, plan, planText, cancellationToken);
        if (record.State is SweepState.Canceled or SweepState.Faulted or SweepState.Paused)
            await Store.TrySetStateAsync(id, [record.State], SweepState.Submitted, null, cancellationToken);
        await Coordinator(id).StartAsync().WaitAsync(cancellationToken);
        return await Store.FindSweepAsync(id, cancellationToken) ?? record;
    }

    /// <summary>The sweep's status every <paramref name="period"/>, ending with its final one.</summary>
    public async IAsyncEnumerable<SweepStatus> WatchAsync(string sweepId, TimeSpan period, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period);
        while (true)
        {
            var status = await Coordinator(sweepId).GetStatusAsync().WaitAsync(cancellationToken);
            yield return status;
            if (Enum.TryParse<SweepState>(status.State, out var state) && IsFinal(state))
                yield break;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    public static bool IsFinal(SweepState state) => state is SweepState.Completed or SweepState.Canceled or SweepState.Faulted;

    /// <summary>Drains: no new lease, the running micro-batches end and are recorded, their batches go back.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync(CancellationToken.None);
        }
        finally
        {
            if (_host is IAsyncDisposable host)
                await host.DisposeAsync();
            else
                _host.Dispose();
            (Store as IDisposable)?.Dispose();
            _lock.Dispose();
        }
    }

    private ISweepCoordinatorGrain Coordinator(string sweepId) => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISweepCoordinatorGrain>(sweepId);

    private sealed class CallerLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
