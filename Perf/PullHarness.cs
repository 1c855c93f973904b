using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;
using Sweep.Tests.Hub;

namespace Sweep.Perf;

/// <summary>
/// Fetches a model with one file of 2 GiB and 1 MiB of zeros, sparse where it lies, from a hub in this process that drops the connection a third and two thirds on its way: it must arrive whole,
/// go on where it was, and take no more memory than a small one.
/// </summary>
internal static class PullHarness
{
    private const long Bytes = (2L << 30) + (1 << 20);
    private const int Block = 1 << 20;
    private const long MostMemory = 512L << 20;

    public static async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("sweep-pull-").FullName;
        try
        {
            var sparse = Path.Combine(folder, "sparse");
            using (var file = File.Create(sparse))
                file.SetLength(Bytes);
            await using var server = new HubServer();
            var model = server.Add("org/large", ("config.json", [1]), ("model.safetensors", [2]));
            model.Change = listing => listing["siblings"]![1]!["lfs"] = new JsonObject { ["sha256"] = Zeros(), ["size"] = Bytes };
            server.Answer = request => request.IsFile("model.safetensors") ? HubReply.Partial(Bytes, request.From, (stream, token) => SendAsync(sparse, request.From, stream, token)) : null;
            using var hub = new ModelHub(new HubOptions { Endpoint = server.Address, Cache = Path.Combine(folder, "cache") }, null, TimeProvider.System);

            var before = Process.GetCurrentProcess().PeakWorkingSet64;
            var clock = Stopwatch.StartNew();
            var plan = await hub.PrepareAsync(new HubModel("org", "large", HubModel.MainRevision), cancellationToken);
            var cached = await hub.PullAsync(plan, null, cancellationToken);
            var fetched = clock.Elapsed;
            clock.Restart();
            var problems = await hub.Cache.VerifyAsync(cached, cancellationToken);
            var verified = clock.Elapsed;
            var asked = server.Requests.Where(request => request.IsFile("model.safetensors")).Select(request => request.From).ToArray();
            var memory = Process.GetCurrentProcess().PeakWorkingSet64 - before;
            var isRight = problems.Count == 0 && cached.Bytes == plan.Bytes && asked.Length == 3 && asked.SequenceEqual(asked.Order()) && memory < MostMemory;
            Console.WriteLine(json
                ? JsonSerializer.Serialize(new { Bytes, asked, fetched_seconds = fetched.TotalSeconds, verified_seconds = verified.TotalSeconds, memory_bytes = memory, isRight })
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Bytes} bytes in {asked.Length} requests (from {string.Join(", ", asked)}): {fetched.TotalSeconds:0.0} s with the pauses after two drops (2 s each), verified in {verified.TotalSeconds:0.0} s, {memory / 1e6:0} MB more memory at most; {(isRight ? "whole" : "NOT as it should be")}"));
            return isRight ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task SendAsync(string path, long from, Stream stream, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        file.Seek(from, SeekOrigin.Begin);
        var buffer = new byte[Block];
        for (var sent = 0L; sent < Bytes / 3 && await file.ReadAsync(buffer, cancellationToken) is var read && read > 0; sent += read)
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
    }

    private static string Zeros()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[Block];
        for (var done = 0L; done < Bytes; done += block.Length)
            hash.AppendData(block);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
