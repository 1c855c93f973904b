using System.Text.Json;
using Sweep.Tests;
using Sweep.Tests.Hub;
using Xunit;

namespace Sweep.Cli.Tests.Hub;

/// <summary>`sweep models`, and plans that name a hub's models, against a hub in this process.</summary>
[Collection(Terminal.Collection)]
public sealed class ModelsCommandTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _server = new();
    private readonly HubRepository _model;

    public ModelsCommandTests() => _model = _server.Add("org/tiny", ("config.json", [1]), ("model.safetensors", new byte[2_500_000]), ("README.md", [3]));

    private string Cache => Path.Combine(_folder.Path, "cache");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Pull_Model_SaysTheSizesFirstThenFetches()
    {
        var outcome = (await PullAsync("org/tiny")).Done();
        Assert.Equal(
            [
                $"org/tiny@main from {_server.Address}: commit {_model.Commit}, 2 files, 2.5 MB, 2.5 MB of them to fetch",
                "         1 B  config.json",
                "      2.5 MB  model.safetensors",
                "  not fetched: README.md",
                Path.Combine(Cache, "models", "org", "tiny", _model.Commit),
                $"plans name it hf:org/tiny@{_model.Commit}, or hf:org/tiny@main for what that is when they are resolved",
            ],
            outcome.Output.TrimEnd().Split('\n'));
        Assert.EndsWith("2.5 MB of 2.5 MB\n", outcome.Error, StringComparison.Ordinal);

        var again = (await PullAsync($"org/tiny@{_model.Commit}")).Done();
        Assert.Contains("2.5 MB, 0 B of them to fetch", again.Output, StringComparison.Ordinal);
        Assert.Empty(again.Error);
    }

    [Fact]
    public async Task Pull_DryRun_FetchesNothing()
    {
        (await PullAsync("org/tiny", "--dry-run")).Done();
        Assert.Single(_server.Requests);
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task Pull_BrokenModel_IsOneMessageAndExitCodeTwo()
    {
        _server.Answer = request => request.IsFile("config.json") ? HubReply.Of([7]) : null;
        var outcome = await PullAsync("org/tiny");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"sweep: {_server.Address}/org/tiny/resolve/{_model.Commit}/config.json: found Git's hash {HubRepository.GitHash([7])}, expected {HubRepository.GitHash([1])}; nothing of it was kept", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListVerifyRemove_PulledModel_TellWhatIsHere()
    {
        (await PullAsync("org/tiny")).Done();
        Assert.Matches($@"org/tiny +main +{_model.Commit[..12]} +2 +2\.5 MB +20\d\d-\d\d-\d\d", (await RunAsync("list")).Done().Output);
        var listed = JsonDocument.Parse((await RunAsync("list", "--json")).Done().Output).RootElement;
        Assert.Equal(_model.Commit, listed[0].GetProperty("provenance").GetProperty("commit").GetString());
        Assert.Equal($"org/tiny@{_model.Commit}: 2 files, 2.5 MB, as they were fetched\n", (await RunAsync("verify")).Done().Output);

        var blob = Path.Combine(Cache, "blobs", HubRepository.Sha256([1]));
        File.Delete(blob);
        File.WriteAllBytes(blob, [2]);
        var broken = await RunAsync("verify", "org/tiny");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains($"config.json: found SHA-256 {HubRepository.Sha256([2])}, expected {HubRepository.Sha256([1])}", broken.Error, StringComparison.Ordinal);
        Assert.Contains($"broken; 'sweep models rm org/tiny@{_model.Commit}', then pull it again", broken.Output, StringComparison.Ordinal);

        Assert.Equal($"org/tiny@{_model.Commit}: removed\n2.5 MB are free again\n", (await RunAsync("rm", "org/tiny")).Done().Output);
        (await RunAsync("rm", "org/tiny")).Refuses($"{Cache}: found no org/tiny, expected a model that 'sweep models list' shows");
    }

    [Theory]
    [InlineData("models pull name", "model: found 'name', expected ORG/NAME or ORG/NAME@REVISION")]
    [InlineData("models pull ../x", "model: found '../x', expected ORG/NAME")]
    [InlineData("models pull a/b --endpoint http://hub.example", "Sweep:Hub:Endpoint is 'http://hub.example', expected an https address, or an http one of this machine")]
    [InlineData("models pull a/b --endpoint nowhere", "Sweep:Hub:Endpoint is 'nowhere'")]
    [InlineData("models verify a/b", "found no a/b, expected a model that 'sweep models list' shows")]
    [InlineData("models rm", "model: found none, expected ORG/NAME or ORG/NAME@REVISION, or --parts")]
    public async Task Models_WrongInput_IsRefused(string command, string message) => (await Terminal.RunAsync([.. command.Split(' '), "--cache", Cache])).Refuses(message);

    /// <summary>The whole way: a plan that names the hub's model is run here, then again while the hub is away.</summary>
    [Fact]
    public async Task Run_PlanOfAHubModel_FetchesItWhereOneSeesItAndRuns()
    {
        using var inputs = new Inputs();
        var mini = AddMini();
        var plan = inputs.Write("hub.yaml", Inputs.Plan.Replace("models: [model]", "models: ['hf:org/mini']", StringComparison.Ordinal).Replace("name: broken", "name: hub", StringComparison.Ordinal));
        string[] run = ["run", plan, "--items", "2", "--store", inputs.At("hub.db"), "--json"];
        using var settings = new HubVariables(_server.Address, Cache);
        var outcome = (await Terminal.RunAsync(run)).Done();
        Assert.Contains($"org/mini@main from {_server.Address}: commit {mini.Commit}, ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("mini", JsonDocument.Parse(outcome.Output).RootElement.GetProperty("rows")[0].GetProperty("model").GetString());

        _server.Answer = _ => HubReply.Status(503);
        Assert.Equal(outcome.Output, (await Terminal.RunAsync(run)).Done().Output);
    }

    [Theory]
    [InlineData("ablate hf:org/mini --texts ./text.jsonl --documents 2 --max-tokens 4")]
    [InlineData("identify hf:org/mini --texts ./text.jsonl --documents 1 --max-tokens 4 --layers 11")]
    [InlineData("patch hf:org/mini --pairs ./pairs.jsonl --sites MixerOutput")]
    public async Task Study_OfAHubModel_FetchesItWhereOneSeesIt(string words)
    {
        using var inputs = new Inputs();
        inputs.Write("pairs.jsonl", """{"clean": "Question: Wells a", "corrupted": "Question: Ripon a", "answer": " Noah", "other": " Iris"}""");
        AddMini();
        using var settings = new HubVariables(_server.Address, Cache);

        var outcome = (await Terminal.RunAsync(inputs.Words(words))).Done();

        Assert.Contains($"org/mini@main from {_server.Address}", outcome.Error, StringComparison.Ordinal);
    }

    private HubRepository AddMini() => _server.Add("org/mini", [.. Directory.GetFiles(Fixtures.Shipped("models", "mamba-mini")).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))]);

    private Task<CommandOutcome> PullAsync(string model, params string[] options) => Terminal.RunAsync(["models", "pull", model, "--endpoint", _server.Address, "--cache", Cache, .. options]);

    private Task<CommandOutcome> RunAsync(params string[] words) => Terminal.RunAsync(["models", .. words, "--cache", Cache]);

    /// <summary>The variables that say which hub; gone with the test.</summary>
    private sealed class HubVariables : IDisposable
    {
        private const string Endpoint = "Sweep__Hub__Endpoint";
        private const string CacheFolder = "Sweep__Hub__Cache";

        public HubVariables(string endpoint, string cache)
        {
            Environment.SetEnvironmentVariable(Endpoint, endpoint);
            Environment.SetEnvironmentVariable(CacheFolder, cache);
        }

        public void Dispose()
        {
            Environment.SetEnvironmentVariable(Endpoint, null);
            Environment.SetEnvironmentVariable(CacheFolder, null);
        }
    }
}
