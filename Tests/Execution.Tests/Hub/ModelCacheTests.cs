using System.Diagnostics;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

public sealed class ModelCacheTests : IAsyncDisposable
{
    private readonly HubBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Verify_WholeModel_HasNoProblem() => Assert.Empty(await _bench.Cache.VerifyAsync(await _bench.PullAsync(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Verify_ChangedAndLostFiles_NamesBoth()
    {
        var cached = await _bench.PullAsync();
        var blob = _bench.Blobs.Single(path => path.EndsWith(HubRepository.Sha256(HubBench.Weights), StringComparison.Ordinal));
        File.Delete(blob);
        File.WriteAllBytes(blob, [1]);
        File.Delete(Path.Combine(cached.Folder, "config.json"));
        Assert.Equal(
            [
                $"{cached.Folder}/config.json: found no such file, expected SHA-256 {HubRepository.Sha256(HubBench.Config)}",
                $"{cached.Folder}/model.safetensors: found SHA-256 {HubRepository.Sha256([1])}, expected {HubRepository.Sha256(HubBench.Weights)}",
            ],
            await _bench.Cache.VerifyAsync(cached, TestContext.Current.CancellationToken));
        Assert.Null(_bench.Cache.Find(new HubModel("org", "tiny", "main")));
    }

    [Fact]
    public async Task Remove_Model_KeepsWhatAnotherHas()
    {
        var first = await _bench.PullAsync();
        _bench.Server.Add("org/other", ("config.json", [9]), ("model.safetensors", HubBench.Weights));
        var second = await _bench.PullAsync("org/other");
        Assert.Equal([second.Folder, first.Folder], _bench.Cache.List().Select(model => model.Folder));

        Assert.Equal(HubBench.Config.Length + HubBench.Tokenizer.Length, _bench.Cache.Remove([first], parts: false));
        Assert.Equal([second.Folder], _bench.Cache.List().Select(model => model.Folder));
        Assert.Empty(await _bench.Cache.VerifyAsync(second, TestContext.Current.CancellationToken));
        Assert.Null(_bench.Cache.Find(new HubModel("org", "tiny", "main")));

        Assert.Equal(1 + HubBench.Weights.Length, _bench.Cache.Remove([second], parts: false));
        Assert.Empty(_bench.Blobs);
    }

    [Fact]
    public async Task Remove_Parts_OnlyWhenAsked()
    {
        _bench.Options.Parallel = 1;
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Of(HubBench.Weights, request.From).CutAfter(request.From == 0 ? 5000 : 0) : null;
        await _bench.RefusalAsync();
        Assert.Equal((1, 5000L), _bench.Cache.Parts());
        _bench.Cache.Remove([], parts: false);
        Assert.Equal((1, 5000L), _bench.Cache.Parts());
        _bench.Cache.Remove([], parts: true);
        Assert.Equal((0, 0L), _bench.Cache.Parts());
    }

    [Fact]
    public async Task Remove_WhileAModelIsFetched_IsRefused()
    {
        var cached = await _bench.PullAsync();
        using (await _bench.Cache.ShareAsync(TimeProvider.System, TestContext.Current.CancellationToken))
            Assert.Equal($"{_bench.Options.Cache}: found a model that is being fetched, expected nobody else at work in the cache; try again when it is done", Assert.Throws<HubFailedException>(() => _bench.Cache.Remove([cached], parts: false)).Message);
        Assert.NotNull(_bench.Cache.Find(new HubModel("org", "tiny", "main")));
    }

    [Fact]
    public async Task Find_FolderWithoutItsManifest_IsNoModel()
    {
        var cached = await _bench.PullAsync();
        File.WriteAllText(Path.Combine(cached.Folder, "sweep-model.json"), "{");
        Assert.Null(_bench.Cache.Find(new HubModel("org", "tiny", cached.Provenance.Commit)));
        Assert.Empty(_bench.Cache.List());
    }

    [Fact]
    public void FileLock_OfAProcessThatEnds_IsFree()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "no flock on this machine");
        using var folder = new Sweep.Tests.TemporaryFolder();
        var path = folder.Write("lock", "");
        using var other = Process.Start(new ProcessStartInfo("/usr/bin/flock", [path, "sh", "-c", "echo held; cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("held", other.StandardOutput.ReadLine());
        Assert.Null(FileLock.TryTake(path, shared: false));
        Assert.Null(FileLock.TryTake(path, shared: true));
        other.StandardInput.Close();
        other.WaitForExit();
        using var taken = FileLock.TryTake(path, shared: false);
        Assert.NotNull(taken);
        Assert.Null(FileLock.TryTake(path, shared: true));
    }

    [Fact]
    public void FileLock_Shared_IsForMany()
    {
        using var folder = new Sweep.Tests.TemporaryFolder();
        var path = Path.Combine(folder.Path, "locks", "one");
        using var first = FileLock.TryTake(path, shared: true);
        using var second = FileLock.TryTake(path, shared: true);
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(FileLock.TryTake(path, shared: false));
    }
}
