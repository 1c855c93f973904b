using System.Text.Json;
using Sweep.Evaluation.Benchmarks;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests.Data;

[Collection(Terminal.Collection)]
public sealed class DataCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MakeRuler_Tasks_WritesRecordsWithinTheLengthOfTheTokenizer()
    {
        var output = Path.Combine(_folder.Path, "new", "ruler.jsonl");
        var model = Fixtures.Shipped("models", "mamba-mini");
        string[] command = ["data", "make", "ruler", "--tokenizer", model, "--length", "1024", "--items", "2", "--seed", "3", "--task", "vt", "--task", "niah_multikey_3", "--out", output];
        var outcome = (await Terminal.RunAsync(command)).Done();
        Assert.Matches(@"niah_multikey_3: 2 samples of \d+ to \d+ tokens", outcome.Output);

        var tokenizer = TextTokenizer.Load(Path.Combine(model, "tokenizer.json"));
        var records = File.ReadLines(output).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["niah_multikey_3", "niah_multikey_3", "vt", "vt"], records.Select(record => record.GetProperty("task").GetString()));
        foreach (var record in records)
        {
            var tokens = tokenizer.Encode(record.GetProperty("input").GetString()! + record.GetProperty("answer_prefix").GetString(), parseSpecial: false).Count;
            Assert.Equal(tokens + (record.GetProperty("task").GetString() == "vt" ? 30 : 128), record.GetProperty("length").GetInt32());
            Assert.InRange(record.GetProperty("length").GetInt32(), 512, 1024);
        }

        Assert.Equal(4, BenchmarkCatalog.Find("ruler").Read(output).Count);
        var first = File.ReadAllBytes(output);
        (await Terminal.RunAsync(command)).Refuses($"--out: found a file '{output}', expected a name that is free");
        File.Delete(output);
        (await Terminal.RunAsync(command)).Done();
        Assert.Equal(first, File.ReadAllBytes(output));
    }

    [Theory]
    [InlineData("--length 1024 --task nope --out ./x", "--task: found 'nope', expected one of niah_single_1")]
    [InlineData("--length 1024 --task niah_single_1 --out ./x", "--words: found nothing, expected the folder with adjectivelist.txt")]
    [InlineData("--length 3 --out ./x", "--length: found '3', expected a whole number from 64")]
    public async Task MakeRuler_WrongInput_SaysWhatAndLeavesNothing(string options, string message)
    {
        string[] words = [.. options.Split(' ').Select(word => word == "./x" ? Path.Combine(_folder.Path, "x") : word)];
        (await Terminal.RunAsync(["data", "make", "ruler", "--tokenizer", Fixtures.Shipped("models", "mamba-mini"), .. words])).Refuses(message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task MakeRuler_NoTokenizer_SaysWhereItLooked() =>
        (await Terminal.RunAsync("data", "make", "ruler", "--tokenizer", _folder.Path, "--length", "1024", "--out", Path.Combine(_folder.Path, "x"))).Refuses("tokenizer.json', expected a tokenizer.json or a folder with one");

    [Theory]
    [InlineData("nope", null, "name: found 'nope', expected one of squad, triviaqa")]
    [InlineData("squad", "http://example.org", "--mirror: found 'http://example.org', expected an https address")]
    public async Task Pull_WrongInput_IsRefused(string name, string? mirror, string message) =>
        (await Terminal.RunAsync(["data", "pull", name, "--root", _folder.Path, .. mirror is null ? (string[])[] : ["--mirror", mirror]])).Refuses(message);

    [Fact]
    public async Task Pull_FromAMirror_WritesIntoTheRoot()
    {
        var content = File.ReadAllBytes(Fixtures.Data("ifeval", "input_data.jsonl"));
        await using var server = new FileServer((_, request) => FileServer.File(request, content));
        var outcome = (await Terminal.RunAsync("data", "pull", "ifeval", "--root", _folder.Path, "--mirror", server.Address.ToString())).Done();
        Assert.Contains("done, SHA-256 as published", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("/raw.githubusercontent.com/google-research/google-research/master/instruction_following_eval/data/input_data.jsonl", Assert.Single(server.Requests).Path);
        Assert.Equal(541, BenchmarkCatalog.Find("ifeval").Read(Path.Combine(_folder.Path, "ifeval", "input_data.jsonl")).Count);
        Assert.Matches("ifeval +ifeval +input_data.jsonl +published +yes", (await Terminal.RunAsync("data", "list", "--root", _folder.Path)).Done().Output);
    }

    [Fact]
    public async Task Pull_WrongContents_FailsInOneLine()
    {
        await using var server = new FileServer((_, request) => FileServer.File(request, "not it"u8.ToArray()));
        var outcome = await Terminal.RunAsync("data", "pull", "ifeval", "--root", _folder.Path, "--mirror", server.Address.ToString());
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("nothing of it was kept", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_OfEveryDataCommand_NamesItsOptions()
    {
        Assert.Contains("pull", (await Terminal.RunAsync("data", "--help")).Done().Output, StringComparison.Ordinal);
        Assert.Contains("--tokenizer", (await Terminal.RunAsync("data", "make", "ruler", "--help")).Done().Output, StringComparison.Ordinal);
        Assert.Contains("--mirror", (await Terminal.RunAsync("data", "pull", "--help")).Done().Output, StringComparison.Ordinal);
    }
}
