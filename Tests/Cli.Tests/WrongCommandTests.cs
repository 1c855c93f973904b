using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Sqlite;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>Command lines that name what is not there, or ask for what cannot be.</summary>
[Collection(Terminal.Collection)]
public sealed class WrongCommandTests : IDisposable
{
    private readonly Inputs _inputs = new();

    public static TheoryData<string, string> Options => new()
    {
        { "frobnicate", "frobnicate" },
        { "run", "Required argument 'plan' missing" },
        { "run ./plan.yaml --nope", "--nope" },
        { "run ./none.yaml", "none.yaml: found no file, expected a plan" },
        { "run ./model", "model: found a folder, expected a plan" },
        { "run ./plan.yaml --items 0", "--items: found '0', expected a whole number of at least 1" },
        { "run ./plan.yaml --items abc", "--items: found 'abc', expected a whole number of at least 1" },
        { "demo --items 99999999999", "--items: found '99999999999', expected a whole number of at least 1" },
        { "plan ./plan.yaml --items 1.5", "--items: found '1.5', expected a whole number of at least 1" },
        { "run ./plan.yaml --workers 65", "--workers: found '65', expected a whole number from 1 to 64" },
        { "run ./plan.yaml --device tpu", "--device: found 'tpu', expected cpu, cuda:N or cuda:all" },
        { "run ./plan.yaml --device cuda", "--device: found 'cuda', expected cpu, cuda:N or cuda:all" },
        { "bench tiny --device cuda:all", "--device: found 'cuda:all', expected cpu or cuda:N" },
        { "demo --device cuda:all --workers 2", "--workers: found 2, expected 1 with --device cuda:all, which has one on each GPU" },
        { "demo --device cuda:-1", "--device: found 'cuda:-1', expected cpu, cuda:N or cuda:all" },
        { "run ./plan.yaml --device cuda:0 --workers 2", "--workers: found 2, expected 1 with --device cuda:0" },
        { "run ./plan.yaml --device cuda:99 --store ./s.db", "device cuda:99: found " },
        { "plan ./plan.yaml --device cuda:99 --store ./s.db", "device cuda:99: found " },
        { "run ./plan.yaml --store ''", "--store: found '', expected a file's name" },
        { "run ./plan.yaml --store ./model", "model: found a folder, expected a SQLite file" },
        { "run ./plan.yaml --store ./text.jsonl", "text.jsonl: found no usable SQLite database" },
        { "run ./plan.yaml --store ./text.jsonl/x.db", "found no folder" },
        { "list --store ./text.jsonl", "text.jsonl: found no usable SQLite database" },
        { "list --store ./model", "model: found a folder" },
        { "migrate --store ./model", "model: found a folder" },
        { "show --latest --store ./none.db", "none.db: found no store" },
        { "cancel --latest --store ./none.db", "none.db: found no store" },
        { "export --latest --store ./none.db", "none.db: found no store" },
        { "replay abc --store ./none.db", "none.db: found no store" },
        { "compare --latest", "Option '--with' is required." },
        { "compare --latest --with ./none.db --store ./none.db", "none.db: found no store" },
        { "compare --latest --with ./none.db --most-flips 2", "--most-flips: found 2, expected 0 to 1" },
        { "bench ./none", "found no folder '" },
        { "bench --precision tf32", "precision: found 'tf32' on cpu:0, expected fp32, or a CUDA device" },
        { "bench --device cuda:99", "device cuda:99: found " },
        { "export --latest --format xml", "--format: found 'xml', expected json, csv or parquet" },
        { "export --latest --format csv --with-run", "--with-run: found it with --format csv" },
        { "export --latest --output ./model", "--output: found a folder" },
        { "export --latest --output ./none/x.json", "--output: found no folder" },
        { "check-model ./none", "none: found no such folder" },
        { "check-model ./squad.json", "squad.json: found no such folder" },
        { "score", "Option '--data' is required." },
        { "score squid --data ./squad.json --predictions ./text.jsonl", "benchmark: found 'squid', expected one of squad, triviaqa" },
        { "score text --data ./text.jsonl --predictions ./text.jsonl", "benchmark: found text, which is scored without responses, expected a benchmark with responses" },
        { "score arc --data ./text.jsonl --predictions ./text.jsonl", "benchmark: found arc, which is scored without responses" },
        { "score squad --data ./none.json --predictions ./text.jsonl", "none.json: file: found none, expected a squad file" },
        { "score squad --data ./model --predictions ./text.jsonl", "model: file: found none" },
        { "score squad --data ./triviaqa.json --predictions ./text.jsonl", "triviaqa.json" },
        { "score squad --data ./squad.json --predictions ./text.jsonl", "text.jsonl" },
        { "plant ./model ./model --layer 8", "model: found something there, expected a new or empty folder" },
        { "models init ./new --architecture gpt2", "--architecture: found 'gpt2', expected mamba, mamba2 or falcon_mamba" },
        { "models init ./new", "Option '--architecture' is required." },
        { "models init ./new --architecture mamba2 --size 9b", "size: found '9b', expected one of mamba2's: tiny, 130m" },
        { "models init ./model --architecture mamba2", "model: found something there, expected a new or empty folder" },
        { "models init ./new --architecture mamba2 --tokenizer ./none", "tokenizer.json: found no such file" },
        { "plant ./model ./new --layer 12", "layer: found 12, expected 0 to 11" },
        { "plant ./model ./new --layer x", "--layer: found 'x', expected a whole number of at least 0" },
        { "plant ./model ./new --layer 8 --count 193", "count of channels: found 193, expected 1 to 192" },
        { "plant ./model ./new --layer 8 --factor NaN", "--factor: found 'NaN', expected a finite number" },
        { "plant ./model ./new --layer 8 --seed -1", "--seed: found '-1', expected a whole number" },
        { "plant ./none ./new --layer 8", "none: found no such folder" },
    };

    /// <summary>On a store with the sweeps "small-1" and "small-2", of which nothing has run.</summary>
    public static TheoryData<string, string> Sweeps => new()
    {
        { "show", "found neither an id nor --latest, expected one of them" },
        { "show small-1 --latest", "found both 'small-1' and --latest, expected one of them" },
        { "show big", "sweep 'big': found none whose id begins so" },
        { "show small", "sweep 'small': found 2 whose ids begin so (small-2, small-1), expected one" },
        { "show small-1", "small-1: found no results (it is submitted)" },
        { "export small-1", "small-1: found no results (it is submitted)" },
        { "replay ''", "job: found nothing, expected a job's id" },
        { "replay 00 --root ./none", "--root: found no folder '" },
        { "audit --latest --plan ./none.yaml", "--plan: found no file" },
        { "replay 00", "job '00': found none whose id begins so" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Command_Wrong_IsRefused(string command, string message) =>
        (await Terminal.RunAsync(_inputs.Words(command))).Refuses(message);

    [Theory]
    [MemberData(nameof(Sweeps))]
    public async Task Command_WrongSweep_IsRefused(string command, string message)
    {
        await SubmitAsync("small-1", "small-2");

        (await Terminal.RunAsync([.. _inputs.Words(command), "--store", _inputs.At("s.db")])).Refuses(message);
    }

    [Fact]
    public async Task Device_ThatIsNotThere_IsRefusedBeforeAStoreIsMade()
    {
        (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --device cuda:99 --store ./new.db"))).Refuses(", expected ");

        Assert.False(File.Exists(_inputs.At("new.db")));
    }

    [Fact]
    public async Task Run_SweepThatBeganOnAnotherKindOfDevice_IsRefused()
    {
        var plan = PlanReader.Read(Inputs.Plan, "plan.yaml");
        var id = SweepIds.Of(plan);
        await SubmitAsync(id);
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), CancellationToken.None);
        await store.SaveResolutionAsync(id, new ResolvedPlan { Models = [], Benchmarks = [], Bottlenecks = [], NumericsId = "cuda/1" }, CancellationToken.None);

        (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --store ./s.db"))).Refuses($"{id}: found that it began with numerics cuda/1, expected cpu/1, which is what --device cpu computes");
    }

    [Fact]
    public async Task Run_SearchThatBeganOnAnotherKindOfDevice_IsRefused()
    {
        _inputs.Write("search.yaml", Inputs.Plan + "\nsearch: racing\n");
        var stage = SearchStages.Chain(PlanReader.Read(Inputs.Plan + "\nsearch: racing\n", "search.yaml"))[0];
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), CancellationToken.None);
        await store.SubmitAsync(SweepIds.Of(stage), stage, "", CancellationToken.None);
        await store.SaveResolutionAsync(SweepIds.Of(stage), new ResolvedPlan { Models = [], Benchmarks = [], Bottlenecks = [], NumericsId = "cuda/1" }, CancellationToken.None);

        (await Terminal.RunAsync(_inputs.Words("run ./search.yaml --store ./s.db"))).Refuses($"{SweepIds.Of(stage)}: found that it began with numerics cuda/1, expected cpu/1");
    }

    [Fact]
    public async Task Latest_OfAnEmptyStore_IsRefused()
    {
        await SubmitAsync();

        (await Terminal.RunAsync(_inputs.Words("show --latest --store ./s.db"))).Refuses("--latest: found no sweep in the store");
    }

    [Fact]
    public async Task CheckModel_NothingToCompare_IsRefused()
    {
        _inputs.CopyModel("bare", "mamba-mini", without: "reference.json");

        (await Terminal.RunAsync(_inputs.Words("check-model ./bare"))).Refuses("found nothing to compare with");
    }

    [Theory]
    [InlineData("", "found no prediction for any of 200 items")]
    [InlineData("{}", "found no prediction for any of 200 items")]
    [InlineData("[]", "line 1: found array, expected object")]
    [InlineData("{\"a\": 3}", "$.a: found number, expected string")]
    [InlineData("{\"id\": \"a\", \"response\": \"x\"}\n{\"id\": \"a\", \"response\": \"y\"}", "found 'a' a second time")]
    public async Task Score_BrokenPredictions_AreRefused(string predictions, string message)
    {
        _inputs.Write("predictions.json", predictions);

        (await Terminal.RunAsync(_inputs.Words("score squad --data ./squad.json --predictions ./predictions.json"))).Refuses(message);
    }

    [Theory]
    [InlineData("0", "Sweep:Planner:TargetMicroBatchSeconds is 0, expected above 0")]
    [InlineData("x", "Failed to convert configuration value 'x' at 'Sweep:Planner:TargetMicroBatchSeconds'")]
    public async Task Setting_Wrong_IsRefused(string value, string message)
    {
        const string Variable = "Sweep__Planner__TargetMicroBatchSeconds";
        Environment.SetEnvironmentVariable(Variable, value);
        try
        {
            (await Terminal.RunAsync(_inputs.Words("plan ./plan.yaml --store ./s.db"))).Refuses(message);
            (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --store ./s.db"))).Refuses(message);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public async Task NoCommand_ShowsTheHelp()
    {
        var outcome = await Terminal.RunAsync();

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("sweep [command] [options]", outcome.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _inputs.Dispose();

    private async Task SubmitAsync(params string[] ids)
    {
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), CancellationToken.None);
        foreach (var id in ids)
            await store.SubmitAsync(id, PlanReader.Read(Inputs.Plan, "plan.yaml"), Inputs.Plan, CancellationToken.None);
    }
}
