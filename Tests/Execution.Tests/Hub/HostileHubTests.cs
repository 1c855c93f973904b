using System.Text;
using System.Text.Json.Nodes;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

/// <summary>A hub that lies, leads astray or sends something else: one message with the place, what was found and what was expected, and nothing of it in the cache.</summary>
public sealed class HostileHubTests : IAsyncDisposable
{
    private readonly HubBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Pull_OtherContent_IsRefusedAndNotKept()
    {
        byte[] other = [.. HubBench.Weights[..^1], 0];
        Weights(request => HubReply.Of(other, request.From));
        Assert.Equal(
            $"{_bench.Server.Address}/org/tiny/resolve/{_bench.Model.Commit}/model.safetensors: found SHA-256 {HubRepository.Sha256(other)}, expected {HubRepository.Sha256(HubBench.Weights)}; nothing of it was kept",
            await _bench.RefusalAsync());
        Assert.DoesNotContain(_bench.Parts, part => part.EndsWith(HubRepository.Sha256(HubBench.Weights), StringComparison.Ordinal));
        Assert.Empty(_bench.Cache.List());
    }

    [Fact]
    public async Task Pull_OtherSmallFile_IsToldByGitsHash()
    {
        byte[] other = [.. HubBench.Config[..^1], 0];
        _bench.Server.Answer = request => request.IsFile("config.json") ? HubReply.Of(other) : null;
        Assert.Contains($"config.json: found Git's hash {HubRepository.GitHash(other)}, expected {HubRepository.GitHash(HubBench.Config)}; nothing of it was kept", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task Pull_LengthThatIsALie_IsRefusedBeforeTheBody(int off)
    {
        Weights(_ => HubReply.Of(HubBench.Weights).Without("Content-Length").With($"Content-Length: {HubBench.Weights.Length + off}"));
        Assert.Contains($"found {HubBench.Weights.Length + off} bytes, expected {HubBench.Weights.Length}, as listed", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.Parts, IsWeightsPart);
    }

    [Fact]
    public async Task Pull_MoreThanListedAndNoLength_StopsAndKeepsNothing()
    {
        byte[] more = [.. HubBench.Weights, 1];
        Weights(_ => HubReply.Of(more).Without("Content-Length"));
        Assert.Contains($"found more than {HubBench.Weights.Length} bytes, expected {HubBench.Weights.Length}, as listed; nothing of it was kept", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.Parts, IsWeightsPart);
    }

    [Fact]
    public async Task Pull_ConnectionThatAlwaysDrops_IsGivenUpAndItsPartStays()
    {
        Weights(request => HubReply.Of(HubBench.Weights, request.From).CutAfter(request.From == 0 ? 5000 : 0));
        Assert.Contains("5 times, expected an answer; what came is kept", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Equal(5000, new FileInfo(_bench.Parts.Single(IsWeightsPart)).Length);

        // One that brought something, and five that brought nothing.
        Assert.Equal(1 + 5, _bench.Server.Requests.Count(request => request.IsFile("model.safetensors")));
    }

    [Fact]
    public async Task Pull_AnswerThatBeginsElsewhere_IsRefused()
    {
        Weights(request => request.From == 0 ? HubReply.Of(HubBench.Weights).CutAfter(5000) : HubReply.Of(HubBench.Weights, 100));
        Assert.Contains("found an answer that begins at byte 100, expected one that begins at byte 5000", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_CompressedAnswer_IsRefused()
    {
        Weights(_ => HubReply.Of(HubBench.Weights).With("Content-Encoding: gzip"));
        Assert.Contains("found content encoding gzip, expected none", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ETag")]
    [InlineData("X-Linked-Etag")]
    public async Task Pull_EntityTagOfAnotherContent_IsRefused(string header)
    {
        var other = new string('a', 64);
        Weights(_ => HubReply.Of(HubBench.Weights).With($"{header}: \"{other}\""));
        Assert.Contains($"found entity tag {other}, expected {HubRepository.Sha256(HubBench.Weights)}, as listed", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ListingWithoutHashes_TakesThoseOfTheEntityTags()
    {
        _bench.Options.Parallel = 1;
        _bench.Model.Change = listing => Files(listing).ForEach(file => (file["lfs"], file["blobId"]) = (null, null));
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Of(HubBench.Weights).With($"X-Linked-Etag: \"{HubRepository.Sha256(HubBench.Weights)}\"")
            : request.IsFile("config.json") ? HubReply.Of(HubBench.Config).With($"ETag: W/\"{HubRepository.GitHash(HubBench.Config)}\"") : null;
        Assert.Contains("tokenizer.json: found no checksum in the listing or the entity tag, expected a SHA-256 or Git's hash of the content", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Contains(_bench.Blobs, blob => blob.EndsWith(HubRepository.Sha256(HubBench.Config), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, "found status 401, expected 200: it is not there, not public, or its terms are not accepted; a token is taken from $HF_TOKEN")]
    [InlineData(403, "found status 403, expected 200: it is not there")]
    [InlineData(404, "found status 404, expected 200")]
    [InlineData(500, "found status 500, 5 times, expected an answer")]
    [InlineData(429, "found status 429, 5 times, expected an answer")]
    public async Task Pull_StatusOfTheListing_IsSaid(int status, string message)
    {
        _bench.Server.Answer = _ => HubReply.Status(status);
        Assert.Contains(message, await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_StatusThatPasses_IsTriedAgain()
    {
        _bench.Server.Answer = _ => _bench.Server.Requests.Length % 2 == 1 ? HubReply.Status(503) : null;
        _bench.Options.Parallel = 1;
        await _bench.PullAsync();
        Assert.Equal(2 * 4, _bench.Server.Requests.Length);
    }

    [Fact]
    public async Task Pull_NobodyThere_IsSaid()
    {
        var gone = new HubServer();
        var address = gone.Address;
        await gone.DisposeAsync();
        _bench.Options.Endpoint = address;
        Assert.Contains($"{address}/api/models/org/tiny/revision/main?blobs=true: found Connection refused", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ListingWithoutEnd_IsCutOff()
    {
        _bench.Server.Answer = _ => new HubReply(200, [], async (stream, token) =>
        {
            var block = Encoding.ASCII.GetBytes(new string(' ', 1 << 16));
            while (true)
                await stream.WriteAsync(block, token);
        });
        Assert.Contains($"found more than {16 << 20} bytes, expected a listing of at most so many", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<JsonObject>> Lies => new()
    {
        { "found sha \"main\", expected a commit", listing => listing["sha"] = "main" },
        { "found sha none, expected a commit", listing => listing.Remove("sha") },
        { "found siblings none, expected a list", listing => listing.Remove("siblings") },
        { "siblings[0]: found rfilename 7, expected a file's name", listing => Files(listing)[0]["rfilename"] = 7 },
        { "found no size of config.json, expected the size of every file", listing => Files(listing)[0].Remove("size") },
        { "found no size of config.json, expected the size of every file", listing => Files(listing)[0]["size"] = -5 },
        { "found no config.json, expected one", listing => Files(listing)[0]["rfilename"] = "other.json" },
        { "found two files called config.json, expected names that differ", listing => Files(listing)[2]["rfilename"] = "config.json" },
        { "found pytorch_model.bin, which are pickles, and no weights else, expected *.safetensors", listing => listing["siblings"]!.AsArray().RemoveAt(1) },
        { "bytes, expected at most the 1000000 of Sweep:Hub:MostBytes", listing => Files(listing)[1]["lfs"]!["size"] = long.MaxValue },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Pull_ListingThatLies_IsRefusedBeforeAnyFile(string message, Action<JsonObject> lie)
    {
        _bench.Options.MostBytes = 1_000_000;
        _bench.Model.Change = lie;
        Assert.Contains(message, await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Single(_bench.Server.Requests);
        Assert.False(Directory.Exists(_bench.Options.Cache));
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("/etc/config.json")]
    [InlineData("a/config.json")]
    [InlineData("..\\config.json")]
    [InlineData(".config.json")]
    [InlineData("sweep-model.json")]
    [InlineData("x\n.json")]
    public async Task Pull_NamesThatAreNoPlainFiles_AreLeftOut(string name)
    {
        _bench.Model.Change = listing => Files(listing)[2]["rfilename"] = name;
        var cached = await _bench.PullAsync();
        Assert.Equal(["config.json", "model.safetensors"], cached.Provenance.Files.Select(file => file.Name));
    }

    [Fact]
    public async Task Pull_CommitThatIsAnother_IsRefused()
    {
        var asked = new string('a', 40);
        _bench.Server.Models[$"org/tiny@{asked}"] = _bench.Model;
        Assert.Contains($"found commit {_bench.Model.Commit}, expected commit {asked}", await _bench.RefusalAsync($"org/tiny@{asked}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_NoRoom_IsSaidBeforeAnyFile()
    {
        _bench.Options.MostBytes = long.MaxValue;
        _bench.Model.Change = listing => Files(listing)[1]["lfs"]!["size"] = 1L << 60;
        Assert.Contains($"{_bench.Options.Cache}: found ", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Single(_bench.Server.Requests);
    }

    [Fact]
    public async Task Pull_CacheThatIsAFile_IsSaid()
    {
        File.WriteAllText(_bench.Options.Cache, "");
        Assert.StartsWith($"{_bench.Options.Cache}: found ", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    private void Weights(Func<HubRequest, HubReply> answer) => _bench.Server.Answer = request => request.IsFile("model.safetensors") ? answer(request) : null;

    private static bool IsWeightsPart(string part) => part.EndsWith(HubRepository.Sha256(HubBench.Weights), StringComparison.Ordinal);

    private static List<JsonObject> Files(JsonObject listing) => [.. listing["siblings"]!.AsArray().Select(file => file!.AsObject())];
}
