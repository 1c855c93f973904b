using System.Text;
using Sweep.Contracts.Plans;
using Sweep.Execution.Hub;
using Sweep.Tests;
using Sweep.Tests.Hub;

namespace Sweep.Execution.Tests.Hub;

/// <summary>A hub with one model, and a cache.</summary>
internal sealed class HubBench : IAsyncDisposable
{
    public static readonly byte[] Weights = [.. Enumerable.Range(0, 300_000).Select(value => (byte)(value * 7 >> 3))];
    public static readonly byte[] Config = Encoding.UTF8.GetBytes("""{"model_type":"mamba"}""");
    public static readonly byte[] Tokenizer = Encoding.UTF8.GetBytes("""{"model":{}}""");

    private readonly TemporaryFolder _folder = new();
    private readonly List<IDisposable> _open = [];

    public HubBench()
    {
        Model = Server.Add(
            "org/tiny", ("config.json", Config), ("model.safetensors", Weights), ("tokenizer.json", Tokenizer), ("README.md", [1]), ("pytorch_model.bin", [2]), ("modeling.py", [3]), ("onnx/model.onnx", [4]));
        Options = new HubOptions { Endpoint = Server.Address, Cache = Path.Combine(_folder.Path, "cache") };
    }

    public HubServer Server { get; } = new();

    public HubRepository Model { get; }

    public HubOptions Options { get; }

    public ModelCache Cache => new(Options.Cache);

    public string[] Parts => Files("parts");

    public string[] Blobs => Files("blobs");

    public ModelHub Open(string? token = null)
    {
        var hub = new ModelHub(Options, token, new HurriedTime());
        _open.Add(hub);
        return hub;
    }

    public Task<CachedModel> PullAsync(string name = "org/tiny", CancellationToken? cancellationToken = null) => PullAsync(Open(), name, cancellationToken);

    public static async Task<CachedModel> PullAsync(ModelHub hub, string name = "org/tiny", CancellationToken? cancellationToken = null)
    {
        var token = cancellationToken ?? TestContext.Current.CancellationToken;
        return await hub.PullAsync(await hub.PrepareAsync(HubModel.Parse(name, out _)!, token), null, token);
    }

    /// <summary>The message of a pull that fails.</summary>
    public async Task<string> RefusalAsync(string name = "org/tiny") => (await Assert.ThrowsAsync<HubFailedException>(() => PullAsync(name))).Message;

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(one => one.Dispose());
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private string[] Files(string folder) => Directory.Exists(Path.Combine(Options.Cache, folder)) ? Directory.GetFiles(Path.Combine(Options.Cache, folder)) : [];
}
