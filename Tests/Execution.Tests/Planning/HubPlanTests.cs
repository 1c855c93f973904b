using System.Text;
using System.Text.Json;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Tests.Stubs;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Planning;

/// <summary>Plans that name a hub's models.</summary>
public sealed class HubPlanTests : IAsyncDisposable
{
    private static readonly SweepPlan Plan = Workbench.Plan with { Models = ["hf:org/tiny"] };
    private readonly HubServer _server = new();
    private readonly HubRepository _model;
    private readonly Workbench _bench;

    public HubPlanTests()
    {
        _bench = new Workbench(_server.Address);
        _model = Publish("one");
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task ResolveAsync_HubModel_PinsTheCommitAndRecordsItsFiles()
    {
        var model = Assert.Single((await _bench.ResolveAsync(Plan)).Models);
        Assert.Equal(("tiny", $"hf:org/tiny@{_model.Commit}"), (model.Name, model.Path));
        Assert.Equal((_server.Address, "org/tiny", "main", _model.Commit), (model.Hub!.Endpoint, model.Hub.Repository, model.Hub.Revision, model.Hub.Commit));
        Assert.Equal([("config.json", HubRepository.Sha256([1])), ("model.safetensors", HubRepository.Sha256("one"u8.ToArray()))], model.Hub.Files.Select(file => (file.Name, file.Sha256)));
        Assert.Equal(model.Hub.Files, JsonSerializer.Deserialize<ResolvedModel>(JsonSerializer.Serialize(model, SweepJson.Options), SweepJson.Options)!.Hub!.Files);
    }

    /// <summary>Where a model came from is no part of what its jobs are.</summary>
    [Fact]
    public async Task ResolveAsync_HubModelAndFolderAlike_GiveTheSameJobs()
    {
        File.WriteAllText(Path.Combine(_bench.Folder, "model", "weights"), "one");
        var (hub, folder) = (await _bench.ResolveAsync(Plan), await _bench.ResolveAsync(Workbench.Plan));
        Assert.Equal(PlanExpander.Jobs(Workbench.Plan, folder).Select(job => job.Job.Id), PlanExpander.Jobs(Plan, hub).Select(job => job.Job.Id));
        Assert.DoesNotContain("\"hub\"", JsonSerializer.Serialize(folder, SweepJson.Options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_HubModel_LoadsThePinnedFolder()
    {
        var resolved = await _bench.ResolveAsync(Plan);
        Publish("two");
        Assert.NotEmpty(await _bench.RunAsync(Workbench.Batch(Plan, resolved)));
        Assert.Equal([_model.Commit], _bench.Loader.Loads);
    }

    [Fact]
    public async Task RunAsync_HubModelThatWasRemoved_SaysHowToHaveItAgain()
    {
        var resolved = await _bench.ResolveAsync(Plan);
        _bench.Hub.Cache.Remove(_bench.Hub.Cache.List(), parts: true);
        var fault = await Assert.ThrowsAsync<JobFaultedException>(() => _bench.RunAsync(Workbench.Batch(Plan, resolved)));
        Assert.Equal($"model: found no hf:org/tiny@{_model.Commit} in the cache {_bench.Hub.Cache.Root}, expected it there; 'sweep models pull org/tiny@{_model.Commit}' fetches it", fault.Message);
    }

    [Fact]
    public async Task ResolveAsync_MovedBranch_IsAnotherCommit()
    {
        var before = (await _bench.ResolveAsync(Plan)).Models[0];
        var moved = Publish("two");
        var after = (await _bench.ResolveAsync(Plan)).Models[0];
        Assert.Equal((_model.Commit, moved.Commit), (before.Hub!.Commit, after.Hub!.Commit));
        Assert.NotEqual(before.WeightsHash, after.WeightsHash);
    }

    [Fact]
    public async Task ResolveAsync_PinnedModelThatIsHere_AsksNobody()
    {
        await _bench.ResolveAsync(Plan);
        var asked = _server.Requests.Length;
        var model = (await _bench.ResolveAsync(Plan with { Models = [$"hf:org/tiny@{_model.Commit}"] })).Models[0];
        Assert.Equal(asked, _server.Requests.Length);
        Assert.Equal(($"tiny@{_model.Commit}", _model.Commit), (model.Name, model.Hub!.Revision));
    }

    [Fact]
    public async Task ResolveAsync_ModelThatIsNotThere_IsAProblemAmongOthers()
    {
        var problems = (await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan with { Models = ["hf:org/none", "nowhere"] }))).Problems;
        Assert.Contains($"models[0]: {_server.Address}/api/models/org/none/revision/main?blobs=true: found status 404, expected 200", problems);
        Assert.Contains(problems, problem => problem.StartsWith("models[1]: folder 'nowhere' does not exist", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResolveAsync_Estimate_FetchesNothing()
    {
        var problem = Assert.Single((await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.Resolver.ResolveAsync(Plan, calibrate: false, TestContext.Current.CancellationToken))).Problems);
        Assert.Equal($"models[0]: {_bench.Hub.Cache.Root}: found no hf:org/tiny@main, expected it, as nothing is fetched for an estimate; 'sweep models pull org/tiny@main' fetches it, and so does the sweep", problem);
        Assert.Empty(_server.Requests);
        await _bench.ResolveAsync(Plan);
        var asked = _server.Requests.Length;
        Assert.Equal(_model.Commit, (await _bench.Resolver.ResolveAsync(Plan, calibrate: false, TestContext.Current.CancellationToken)).Models[0].Hub!.Commit);
        Assert.Equal(asked, _server.Requests.Length);
    }

    [Fact]
    public async Task ResolveAsync_FetchingSwitchedOff_TakesOnlyWhatIsHere()
    {
        await _bench.ResolveAsync(Plan);
        var asked = _server.Requests.Length;
        _bench.HubOptions.Fetch = false;
        Assert.Equal(_model.Commit, (await _bench.ResolveAsync(Plan)).Models[0].Hub!.Commit);
        var problem = Assert.Single((await Assert.ThrowsAsync<InvalidPlanException>(() => _bench.ResolveAsync(Plan with { Models = ["hf:org/tiny@v2"] }))).Problems);
        Assert.Equal($"models[0]: {_bench.Hub.Cache.Root}: found no hf:org/tiny@v2, expected it, as Sweep:Hub:Fetch is false; 'sweep models pull org/tiny@v2' fetches it", problem);
        Assert.Equal(asked, _server.Requests.Length);
    }

    private HubRepository Publish(string weights) => _server.Add("org/tiny", ("config.json", [1]), ("model.safetensors", Encoding.UTF8.GetBytes(weights)));
}
