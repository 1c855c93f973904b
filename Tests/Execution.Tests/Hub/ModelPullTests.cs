using System.Text.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

public sealed class ModelPullTests : IAsyncDisposable
{
    private readonly HubBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Pull_Model_BringsWhatIsLoadedAndNothingElse()
    {
        var cached = await _bench.PullAsync();

        Assert.Equal(["config.json", "model.safetensors", "sweep-model.json", "tokenizer.json"], Directory.GetFiles(cached.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(HubBench.Weights, File.ReadAllBytes(Path.Combine(cached.Folder, "model.safetensors")));
        Assert.Equal(HubBench.Config, File.ReadAllBytes(Path.Combine(cached.Folder, "config.json")));
        Assert.Equal(("org/tiny", "main", _bench.Model.Commit, _bench.Server.Address), (cached.Provenance.Repository, cached.Provenance.Revision, cached.Provenance.Commit, cached.Provenance.Endpoint));
        Assert.Equal(
            [("config.json", HubRepository.Sha256(HubBench.Config)), ("model.safetensors", HubRepository.Sha256(HubBench.Weights)), ("tokenizer.json", HubRepository.Sha256(HubBench.Tokenizer))],
            cached.Provenance.Files.Select(file => (file.Name, file.Sha256)));
        Assert.Equal(4, _bench.Server.Requests.Length);
        Assert.Equal(["main"], cached.Revisions);
        Assert.Empty(_bench.Parts);
        Assert.Equal(3, _bench.Blobs.Length);
    }

    [Fact]
    public async Task Prepare_Model_SaysWhatIsMissingBeforeAnyFileIsAskedFor()
    {
        var hub = _bench.Open();
        var plan = await hub.PrepareAsync(new HubModel("org", "tiny", "main"), TestContext.Current.CancellationToken);
        Assert.Single(_bench.Server.Requests);
        Assert.Equal(($"/api/models/org/tiny/revision/main?blobs=true", plan.Bytes), (_bench.Server.Requests[0].Path, plan.MissingBytes));
        Assert.Equal(HubBench.Weights.Length + HubBench.Config.Length + HubBench.Tokenizer.Length, plan.Bytes);
        Assert.Equal(["README.md", "modeling.py", "onnx/model.onnx", "pytorch_model.bin"], plan.LeftOut.Select(file => file.Name).Order(StringComparer.Ordinal));
        await hub.PullAsync(plan, null, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await hub.PrepareAsync(plan.Model, TestContext.Current.CancellationToken)).MissingBytes);
    }

    [Fact]
    public async Task Pull_Again_AsksForTheListingAlone()
    {
        var first = await _bench.PullAsync();
        var second = await _bench.PullAsync();
        Assert.Equal((first.Folder, 5), (second.Folder, _bench.Server.Requests.Length));
    }

    [Fact]
    public async Task Pull_MovedBranch_IsAnotherCommitBesideTheOld()
    {
        var before = await _bench.PullAsync();
        var moved = _bench.Server.Add("org/tiny", ("config.json", HubBench.Config), ("model.safetensors", [1, 2, 3]));
        var after = await _bench.PullAsync();

        Assert.Equal(moved.Commit, after.Provenance.Commit);
        Assert.Equal(after.Folder, _bench.Cache.Find(new HubModel("org", "tiny", "main"))!.Folder);
        Assert.Equal(before.Folder, _bench.Cache.Find(new HubModel("org", "tiny", before.Provenance.Commit))!.Folder);

        // The config is the same content: it came once.
        Assert.Equal([0], Asked("config.json"));
        Assert.Equal(4, _bench.Blobs.Length);
    }

    [Fact]
    public async Task Pull_ConnectionsThatDrop_GoOnWhereTheyWere()
    {
        const int Third = 100_001;
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Of(HubBench.Weights, request.From).CutAfter(Third) : null;
        await _bench.PullAsync();
        Assert.Equal([0, Third, 2 * Third], Asked("model.safetensors"));
    }

    [Fact]
    public async Task Pull_Interrupted_LeavesAPartThatTheNextGoesOnWith()
    {
        using var stop = new CancellationTokenSource();
        _bench.Server.Answer = request => request.IsFile("model.safetensors")
            ? HubReply.Partial(HubBench.Weights.Length, request.From, async (stream, token) =>
            {
                await stream.WriteAsync(HubBench.Weights.AsMemory(0, 70_000), token);
                await stream.FlushAsync(token);
                await Task.Delay(Timeout.Infinite, token);
            })
            : null;
        var hub = _bench.Open();
        var plan = await hub.PrepareAsync(new HubModel("org", "tiny", "main"), TestContext.Current.CancellationToken);
        var reached = new Reached(70_000 + HubBench.Config.Length + HubBench.Tokenizer.Length, stop.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.PullAsync(plan, reached, stop.Token));
        Assert.Null(_bench.Cache.Find(plan.Model));
        Assert.Equal(70_000, new FileInfo(Path.Combine(_bench.Options.Cache, "parts", HubRepository.Sha256(HubBench.Weights))).Length);

        _bench.Server.Answer = _ => null;
        Assert.Equal(HubBench.Weights.Length - 70_000, (await hub.PrepareAsync(plan.Model, TestContext.Current.CancellationToken)).MissingBytes);
        await _bench.PullAsync();
        Assert.Equal([0, 70_000], Asked("model.safetensors"));
        Assert.Empty(_bench.Parts);
    }

    [Fact]
    public async Task Pull_PartWithAnotherBeginning_IsFetchedAnew()
    {
        Directory.CreateDirectory(Path.Combine(_bench.Options.Cache, "parts"));
        File.WriteAllBytes(Path.Combine(_bench.Options.Cache, "parts", HubRepository.Sha256(HubBench.Weights)), new byte[5000]);
        var cached = await _bench.PullAsync();
        Assert.Equal([5000, 0], Asked("model.safetensors"));
        Assert.Equal(HubBench.Weights, File.ReadAllBytes(Path.Combine(cached.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task Pull_ServerThatIgnoresRanges_BeginsAnew()
    {
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? _bench.Server.Requests.Count(one => one.IsFile("model.safetensors")) == 1 ? HubReply.Of(HubBench.Weights).CutAfter(1000) : HubReply.Of(HubBench.Weights) : null;
        var cached = await _bench.PullAsync();
        Assert.Equal([0, 1000], Asked("model.safetensors"));
        Assert.Equal(HubBench.Weights, File.ReadAllBytes(Path.Combine(cached.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task Pull_TwoProcessesAtOnce_FetchEveryContentOnce()
    {
        // Two hubs share nothing but the folder, as two processes do.
        var both = await Task.WhenAll(HubBench.PullAsync(_bench.Open()), HubBench.PullAsync(_bench.Open()));
        Assert.Equal(both[0].Folder, both[1].Folder);
        Assert.Equal([0], Asked("model.safetensors"));
        Assert.Empty(_bench.Parts);
        Assert.DoesNotContain(Directory.GetDirectories(Path.GetDirectoryName(both[0].Folder)!), folder => Path.GetFileName(folder).StartsWith('.'));
    }

    [Fact]
    public async Task Pull_Shards_LeavesOtherCopiesOfTheWeights()
    {
        _bench.Server.Add("org/parts", ("config.json", [1]), ("model.safetensors.index.json", [2]), ("model-00001-of-00002.safetensors", [3]), ("model-00002-of-00002.safetensors", [4]), ("consolidated.safetensors", new byte[9]), ("tokenizer.model.v3", [5]));
        var cached = await _bench.PullAsync("org/parts");
        Assert.Equal(
            ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.model.v3"],
            cached.Provenance.Files.Select(file => file.Name));
    }

    [Fact]
    public async Task Pull_Progress_EndsWithTheWhole()
    {
        var hub = _bench.Open();
        var plan = await hub.PrepareAsync(new HubModel("org", "tiny", "main"), TestContext.Current.CancellationToken);
        var seen = new List<PullProgress>();
        await hub.PullAsync(plan, new Seen(seen), TestContext.Current.CancellationToken);
        Assert.Equal(new PullProgress(plan.Bytes, plan.Bytes), seen[^1]);
        Assert.Equal(seen.Select(one => one.Done).Order(), seen.Select(one => one.Done));
    }

    [Fact]
    public async Task Pull_Manifest_IsOneOfTheResolutionsForm()
    {
        var cached = await _bench.PullAsync();
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(cached.Folder, "sweep-model.json")));
        Assert.Equal(_bench.Model.Commit, manifest.RootElement.GetProperty("model").GetProperty("commit").GetString());
    }

    private long[] Asked(string file) => [.. _bench.Server.Requests.Where(request => request.IsFile(file)).Select(request => request.From)];

    private sealed class Reached(long bytes, Action then) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            if (value.Done >= bytes)
                then();
        }
    }

    private sealed class Seen(List<PullProgress> into) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => into.Add(value);
    }
}
