using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Xunit;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>Models of a hub are on a worker's machine before it leases work.</summary>
public sealed class ModelSupplyTests
{
    private static readonly string Pinned = $"hf:org/tiny@{new string('a', 40)}";
    private static readonly SweepPlan Plan = Plans.Plan with { Models = ["hf:org/tiny"] };
    private static readonly ResolvedPlan Resolved = TestSilos.Resolved with { Models = [TestSilos.Resolved.Models[0] with { Path = Pinned }] };
    private readonly StubWork _work = new(Resolved);
    private readonly ConcurrentDictionary<string, Shelf> _shelves = new();

    [Fact]
    public async Task Sweep_OfAHubModel_IsFetchedBySilosBeforeTheyRunIt()
    {
        var early = new ConcurrentBag<string>();
        await using var silos = await StartAsync(_ => Task.CompletedTask);
        _work.BeforeMicroBatch = (silo, _, _, _) =>
        {
            if (!_shelves[silo].AreHere([Pinned]))
                early.Add(silo);
            return Task.CompletedTask;
        };
        await silos.SubmitAsync(Plan);

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.Equal(TestSilos.ExpectedRows, silos.Store.Ledger);
        Assert.Empty(early);
        Assert.All(_shelves.Values, shelf => Assert.InRange(shelf.Asked.Count(models => models == Pinned), 0, 1));
    }

    [Fact]
    public async Task Sweep_WhileOneSiloStillFetches_IsRunByTheOther()
    {
        var slow = new TaskCompletionSource();
        await using var silos = await StartAsync(silo => silo.EndsWith('1') ? slow.Task : Task.CompletedTask);
        await silos.SubmitAsync(Plan);

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        var ran = Assert.Single(_work.MicroBatchesBySilo.Keys);
        Assert.DoesNotContain(silos.Store.Batches, batch => batch.Attempts > 1);
        Assert.False(ran.EndsWith('1'));
        slow.SetResult();
    }

    [Fact]
    public async Task Sweep_WhoseModelCannotBeHadByOneSilo_IsRunByTheOther()
    {
        await using var silos = await StartAsync(silo => silo.EndsWith('1') ? Task.FromException(new InvalidOperationException("no way there")) : Task.CompletedTask);
        await silos.SubmitAsync(Plan);

        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.All(_work.MicroBatchesBySilo.Keys, silo => Assert.False(silo.EndsWith('1')));
        // One try for the plan, which its resolution tells about, and one for the commit within a minute.
        Assert.InRange(_shelves.Single(shelf => shelf.Key.EndsWith('1')).Value.Asked.Count, 0, 2);
    }

    [Fact]
    public async Task Sweep_OfFolders_AsksNoHub()
    {
        var work = new StubWork(TestSilos.Resolved);
        await using var silos = await TestSilos.StartAsync(work, configure: Configure(_ => Task.FromException(new InvalidOperationException("asked"))));
        await silos.SubmitAsync();
        Assert.Equal(SweepState.Completed, (await silos.EndAsync()).State);
        Assert.All(_shelves.Values, shelf => Assert.Empty(shelf.Asked));
    }

    private Task<TestSilos> StartAsync(Func<string, Task> fetch) => TestSilos.StartAsync(_work, configure: Configure(fetch));

    private Action<IServiceCollection> Configure(Func<string, Task> fetch) => services =>
        services.AddSingleton<IModelFetcher>(provider => _shelves.GetOrAdd(provider.GetRequiredService<ILocalSiloDetails>().Name, name => new Shelf(() => fetch(name))));

    /// <summary>What a silo's machine holds.</summary>
    private sealed class Shelf(Func<Task> fetch) : IModelFetcher
    {
        private readonly ConcurrentDictionary<string, bool> _held = new();

        public ConcurrentQueue<string> Asked { get; } = [];

        public bool AreHere(IReadOnlyList<string> models) => models.All(_held.ContainsKey);

        public async Task FetchAsync(IReadOnlyList<string> models, CancellationToken cancellationToken)
        {
            Asked.Enqueue(string.Join(',', models));
            await fetch().WaitAsync(cancellationToken);
            foreach (var model in models)
                _held[model] = true;
        }
    }
}
