using Sweep.Cluster.Tests.Processes;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Store;
using Sweep.Tests;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.Cluster.Tests;

/// <summary>The demonstration's plan in small over models of the younger architectures, made by `sweep models init`: in one process, and on two silos.</summary>
public sealed class ArchitectureTests(PostgresServer server) : IDisposable
{
    private static readonly string[] Architectures = ["mamba2", "falcon_mamba"];
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Plan_OverNewModels_GivesOnTwoSilosWhatItGivesInOneProcess()
    {
        foreach (var architecture in Architectures)
            await SweepAsync(Nothing, "models", "init", At(architecture), "--architecture", architecture, "--size", "tiny", "--tokenizer", Fixtures.Shipped("models", "mamba-mini"));
        var plan = Text();
        var path = _folder.Write("plan.yaml", plan);
        await SweepAsync(Nothing, "run", path, "--store", At("embedded.db"));
        await SweepAsync(Nothing, "export", "--latest", "--store", At("embedded.db"), "-o", At("embedded.json"));

        await using var cluster = await SiloCluster.CreateAsync(server);
        var silos = new[] { "a", "b" }.Select(name => cluster.Start(
            name, ("Sweep__Files__Roots", $"{Fixtures.Root},{_folder.Path}"), ("Sweep__Planner__TargetMicroBatchSeconds", "0.1"), ("Sweep__Planner__MinimumBatches", "4"))).ToArray();
        await Task.WhenAll(silos.Select(silo => silo.ReadyAsync()));
        var grains = await cluster.ClientAsync();
        var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, TestContext.Current.CancellationToken);
        var id = await cluster.SubmitAsync(plan);

        // One silo could do everything before the other asks for work: the first to record something takes no more.
        string? first = null;
        await cluster.UntilAsync("the first rows", async () => (first = (await AtWorkAsync(grains, hosts.Keys)).FirstOrDefault()) is not null);
        await grains.GetGrain<ISiloWorkersGrain>(first!).DrainAsync();
        var record = await cluster.EndAsync(id);
        Assert.Equal((SweepState.Completed, null), (record.State, record.Reason));
        Assert.Equal(2, (await AtWorkAsync(grains, hosts.Keys)).Length);

        await SweepAsync(cluster.ClientVariables, "export", id, "--store", "postgres", "-o", At("cluster.json"));
        Assert.Equal(await ReadAsync("embedded.json"), await ReadAsync("cluster.json"));
    }

    /// <summary>Addresses of the silos whose workers have recorded rows.</summary>
    private static async Task<string[]> AtWorkAsync(IGrainFactory grains, IEnumerable<SiloAddress> silos)
    {
        var descriptions = await Task.WhenAll(silos.Select(silo => grains.GetGrain<ISiloWorkersGrain>(silo.ToParsableString()).DescribeAsync()));
        return [.. descriptions.Where(silo => silo.Workers.Sum(worker => worker.RowsDone) > 0).Select(silo => silo.Address)];
    }

    private static async Task SweepAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        await using var command = await BuiltProgram.RunAsync("Cli", variables, arguments);
        await command.ExpectExitAsync(0);
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(At(name), TestContext.Current.CancellationToken);

    private string Text()
    {
        static string Benchmark(string file) => Fixtures.Shipped("benchmarks", "mini", file);
        return $$"""
            name: architectures
            models: ['{{At(Architectures[0])}}', '{{At(Architectures[1])}}']
            benchmarks:
              - { name: triviaqa, data: '{{Benchmark("triviaqa.json")}}', items: 4 }
              - { name: squad, data: '{{Benchmark("squad.json")}}', items: 4 }
              - { name: drop, data: '{{Benchmark("drop.json")}}', items: 4 }
              - { name: musique, data: '{{Benchmark("musique.jsonl")}}', items: 4 }
              - { name: ruler, data: '{{Benchmark("ruler.jsonl")}}', items: 4 }
              - { name: ifeval, data: '{{Benchmark("ifeval.jsonl")}}', items: 4 }
              - { name: text, data: '{{Benchmark("text.jsonl")}}', items: 4 }
            bottlenecks:
              - { name: variance-0.75, depth: 0.75, top: 16, by: variance }
              - { name: steps, layer: 1, site: Delta, channels: [1, 3] }
            scalars: [0.2, 5]
            controls: { random: 1 }
            calibration: { data: '{{Benchmark("text.jsonl")}}', half: calibration, documents: 4, max_tokens: 64 }
            decoding: { max_new_tokens: 8 }
            """;
    }
}
