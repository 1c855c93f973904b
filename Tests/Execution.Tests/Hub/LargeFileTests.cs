using System.Text.Json.Nodes;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

/// <summary>Lengths and places that 32 bits cannot say. A whole file of that size is read and checked by Perf's pull harness: its SHA-256 alone takes longer than a test may.</summary>
public sealed class LargeFileTests : IAsyncDisposable
{
    private const long Bytes = 5L << 30;
    private const long Here = Bytes - 100;

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
