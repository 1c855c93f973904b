using System.Text.Json.Nodes;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

/// <summary>Lengths and places that 32 bits cannot say. Most of the file is there before, sparse; Perf's pull harness fetches the whole of one.</summary>
public sealed class LargeFileTests : IAsyncDisposable
{
    private const long Bytes = 5L << 30;
    private const long Here = Bytes - 100;
    private const int Rest = 1 << 20;

    private readonly HubBench _bench = new();

    public LargeFileTests()
    {
        _bench.Model.Change = listing => listing["siblings"]![1]!["lfs"] = new JsonObject { ["sha256"] = HubRepository.Sha256(HubBench.Weights), ["size"] = Bytes };
        Directory.CreateDirectory(Path.Combine(_bench.Options.Cache, "parts"));
        using var part = File.Create(Part);
        part.SetLength(Here);
    }

    private string Part => Path.Combine(_bench.Options.Cache, "parts", HubRepository.Sha256(HubBench.Weights));

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Pull_LastMebibyteOfTwoGibibytes_MakesTheFileWhole()
    {
        // 2 GiB and 1 MiB of zeros.
        const string Sha256 = "f9c8466cdac8f598a9dbbe999b62b47c2745c7b7368cd6bfcee1b636368a9071";
        const long Whole = (2L << 30) + Rest;
        _bench.Model.Change = listing => listing["siblings"]![1]!["lfs"] = new JsonObject { ["sha256"] = Sha256, ["size"] = Whole };
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Partial(Whole, request.From, (stream, token) => stream.WriteAsync(new byte[Rest], token).AsTask()) : null;
        using (var part = File.Create(Path.Combine(_bench.Options.Cache, "parts", Sha256)))
            part.SetLength(Whole - Rest);

        var cached = await _bench.PullAsync();
        Assert.Equal([Whole - Rest], _bench.Server.Requests.Where(request => request.IsFile("model.safetensors")).Select(request => request.From));
        Assert.Equal((Whole, Sha256), cached.Provenance.Files.Where(file => file.Name == "model.safetensors").Select(file => (file.Bytes, file.Sha256)).Single());
    }

    [Fact]
    public async Task Pull_SparsePartOfFiveGibibytes_GoesOnBehindIt()
    {
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Partial(Bytes, request.From, (stream, token) => stream.WriteAsync(new byte[request.From == Here ? 60 : 0], token).AsTask()) : null;
        Assert.Contains("5 times, expected an answer; what came is kept", await _bench.RefusalAsync(), StringComparison.Ordinal);
        Assert.Equal([Here, .. Enumerable.Repeat(Here + 60, 5)], _bench.Server.Requests.Where(request => request.IsFile("model.safetensors")).Select(request => request.From));
        Assert.Equal(Here + 60, new FileInfo(Part).Length);
    }

    [Fact]
    public async Task Pull_AnswerThatBeginsThirtyTwoBitsEarlier_IsRefused()
    {
        _bench.Server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Partial(Bytes, Here & 0xFFFFFFFF, (_, _) => Task.CompletedTask) : null;
        Assert.Contains($"found an answer that begins at byte {Here & 0xFFFFFFFF}, expected one that begins at byte {Here}", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }
}
