using System.Text.Json;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>What the commands that need no running sweep print.</summary>
[Collection(Terminal.Collection)]
public sealed class CommandTests : IDisposable
{
    private readonly Inputs _inputs = new();

    [Fact]
    public async Task List_Sweeps_ShowsThemNewestFirst()
    {
        await SubmitAsync("small-1");
        await SubmitAsync("small-2");

        var outcome = (await RunAsync("list --store ./s.db")).Done();

        Assert.Matches("(?s)small-2 +submitted.*small-1 +submitted", outcome.Output);
        using var json = JsonDocument.Parse((await RunAsync("list --store ./s.db --json")).Done().Output);
        Assert.Equal(["small-2", "small-1"], json.RootElement.EnumerateArray().Select(sweep => sweep.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task List_EmptyStore_SaysSo()
    {
        (await RunAsync("migrate --store ./s.db")).Done();

        Assert.EndsWith("s.db: no sweep yet", (await RunAsync("list --store ./s.db")).Done().Output.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_Twice_HasNothingMoreToDo()
    {
        Assert.Contains("applied", (await RunAsync("migrate --store ./new/s.db")).Done().Output, StringComparison.Ordinal);
        Assert.Contains("up to date", (await RunAsync("migrate --store ./new/s.db")).Done().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_Sweep_IsDoneOnce()
    {
        var store = await SubmitAsync("small-1");

        Assert.Contains("small-1 canceled", (await RunAsync("cancel small --store ./s.db")).Done().Output, StringComparison.Ordinal);

        Assert.Equal(SweepState.Canceled, (await store.FindSweepAsync("small-1", CancellationToken.None))!.State);
        (await RunAsync("cancel small --store ./s.db")).Refuses("small-1: found it canceled, expected a sweep that is not finished");
    }

    [Fact]
    public async Task Cancel_Search_CancelsTheRoundThatRuns()
    {
        var plan = PlanReader.Read($"{Inputs.Plan}\nsearch: racing", "plan.yaml");
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), CancellationToken.None);
        var stages = SearchStages.Chain(plan);
        foreach (var one in stages.Append(plan))
            await store.SubmitAsync(SweepIds.Of(one), one, "", CancellationToken.None);
        await store.TrySetStateAsync(SweepIds.Of(stages[0]), [SweepState.Submitted], SweepState.Completed, null, CancellationToken.None);

        (await RunAsync($"cancel {SweepIds.Of(plan)} --store ./s.db")).Done();

        var states = new List<SweepState>();
        foreach (var one in stages.Append(plan))
            states.Add((await store.FindSweepAsync(SweepIds.Of(one), CancellationToken.None))!.State);
        Assert.Equal([SweepState.Completed, SweepState.Canceled, SweepState.Canceled], states);
    }

    [Fact]
    public async Task Plan_Counted_SaysWhatItWouldRun()
    {
        var outcome = (await RunAsync("plan ./plan.yaml --no-calibrate --store ./s.db")).Done();

        // The baseline and two scalars, each by log-likelihood and by generation, on four items.
        Assert.Matches(@"jobs +6 in \d+ batches", outcome.Output);
        Assert.Matches(@"item rows +24 to run", outcome.Output);
        using var json = JsonDocument.Parse((await RunAsync("plan ./plan.yaml --items 2 --store ./s.db --json")).Done().Output);
        Assert.Equal(12, json.RootElement.GetProperty("rows").GetInt64());
        Assert.StartsWith("broken-", json.RootElement.GetProperty("sweep").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_Power_IsThatOfTheTestAndOfTheItems()
    {
        _inputs.Write("larger.yaml", Inputs.Plan.Replace("items: 4", "items: 200", StringComparison.Ordinal));

        var output = (await RunAsync("plan ./larger.yaml --no-calibrate --store ./s.db")).Done().Output;

        Assert.Contains("power        80 % at two-sided 5 % for 5 points at discordance 15 %: 469 items asymptotically, 498 by the exact test", output, StringComparison.Ordinal);
        Assert.Contains("power        80 % at two-sided 5 % for 5 points at discordance 25 %: 783 items asymptotically, 817 by the exact test", output, StringComparison.Ordinal);
        Assert.Contains("power        80 % at two-sided 5 % for 10 points at discordance 25 %: 194 items asymptotically, 207 by the exact test", output, StringComparison.Ordinal);
        Assert.Contains("power        80 % at two-sided 5 % for 2 points at discordance 10 %: 1,960 items asymptotically, 2,043 by the exact test", output, StringComparison.Ordinal);
        Assert.Matches(@"detectable   squad, \d+ test items in \d+ groups: \d+\.\d points at discordance 15 %, \d+\.\d points at discordance 25 %, \d+\.\d points if nothing gets worse", output);
        Assert.Contains("no effect at discordance 25 %, no effect if nothing gets worse", (await RunAsync("plan ./plan.yaml --no-calibrate --store ./s.db")).Done().Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await RunAsync("plan ./larger.yaml --no-calibrate --store ./s.db --json")).Done().Output);
        var power = json.RootElement.GetProperty("power");
        Assert.Equal([498, 817, 207, 2043], power.GetProperty("needed").EnumerateArray().Select(one => one.GetProperty("exact").GetInt32()));
        Assert.Equal([469, 783, 194, 1960], power.GetProperty("needed").EnumerateArray().Select(one => one.GetProperty("asymptotic").GetInt32()));
        Assert.Equal("squad", power.GetProperty("benchmarks")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Plan_Screening_CountsBothStages()
    {
        _inputs.Write("search.yaml", Inputs.Plan.Replace("items: 4", "items: 40", StringComparison.Ordinal) + "\nsearch: { method: screening, items: 3 }\n");

        var output = (await RunAsync("plan ./search.yaml --no-calibrate --store ./s.db")).Done().Output;
        using var json = JsonDocument.Parse((await RunAsync("plan ./search.yaml --no-calibrate --store ./s.db --json")).Done().Output);
        var (search, first) = (json.RootElement.GetProperty("search"), json.RootElement.GetProperty("stages")[0].GetProperty("work"));

        // The baseline and two scalars by log-likelihood on three items; then the baseline and one scalar by both measures on the test items.
        Assert.Equal((3, 9), (first.GetProperty("jobs").GetInt32(), first.GetProperty("rows").GetInt64()));
        var last = json.RootElement.GetProperty("rows").GetInt64();
        Assert.Equal((0, 4), (last % 4, json.RootElement.GetProperty("jobs").GetInt32()));
        Assert.Equal((2, 9 + last, 240), (search.GetProperty("configurations").GetInt64(), search.GetProperty("item_runs").GetInt64(), search.GetProperty("grid_item_runs").GetInt64()));
        Assert.Contains($"search       screening: 2 configurations tried on up to 3 selection items a benchmark; at most {9 + last} item runs instead of 240", output, StringComparison.Ordinal);
        Assert.Contains($"stage 1      {search.GetProperty("stage").GetString()}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_Racing_CountsEveryRound()
    {
        _inputs.Write("search.yaml", Inputs.Plan.Replace("items: 4", "items: 40", StringComparison.Ordinal) + "\nsearch: { method: racing, items: 16 }\n");

        var output = (await RunAsync("plan ./search.yaml --no-calibrate --store ./s.db")).Done().Output;
        using var json = JsonDocument.Parse((await RunAsync("plan ./search.yaml --no-calibrate --store ./s.db --json")).Done().Output);
        var (search, stages) = (json.RootElement.GetProperty("search"), json.RootElement.GetProperty("stages").EnumerateArray().ToArray());

        // Two scalars: both on some items, the better one on all sixteen, with the baseline each time.
        var rounds = search.GetProperty("rounds").EnumerateArray().ToArray();
        Assert.Equal([2, 1], rounds.Select(round => round.GetProperty("configurations").GetInt32()));
        Assert.Equal(16, rounds[1].GetProperty("items").GetInt32());
        var first = rounds[0].GetProperty("items").GetInt32();
        Assert.Equal([3 * first, 2 * (16 - first)], stages.Select(stage => stage.GetProperty("work").GetProperty("rows").GetInt32()));
        Assert.Equal(3 * first + 2 * (16 - first) + json.RootElement.GetProperty("rows").GetInt64(), search.GetProperty("item_runs").GetInt64());
        for (var stage = 0; stage < 2; stage++)
            Assert.Contains($"stage {stage + 1}      {rounds[stage].GetProperty("stage").GetString()}: {(stage == 0 ? 2 : 1)} configurations on up to", output, StringComparison.Ordinal);
        Assert.Contains("stage 3      at most", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("demo.yaml")]
    [InlineData("paper-mamba-130m.yaml")]
    [InlineData("confirm-2602.22719.yaml")]
    [InlineData("screening.yaml")]
    [InlineData("racing.yaml")]
    [InlineData("curve.yaml")]
    public void Plan_Shipped_CanBeRead(string plan) =>
        Assert.Equal(Path.GetFileNameWithoutExtension(plan), CommonOptions.ReadPlan(Fixtures.Shipped("plans", plan), items: null).Plan.Name);

    [Fact]
    public async Task CheckModel_ShippedModel_Agrees()
    {
        using var json = JsonDocument.Parse((await RunAsync("check-model ./model --json")).Done().Output);

        var entries = json.RootElement.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(33, entries.Length);
        Assert.All(entries, entry => Assert.True(entry.GetProperty("passed").GetBoolean()));
    }

    [Fact]
    public async Task CheckModel_OtherWeights_EndsWithOne()
    {
        _inputs.CopyModel("other", "mamba-mini-planted");
        File.Copy(_inputs.At("model/reference.json"), _inputs.At("other/reference.json"));

        var outcome = await RunAsync("check-model ./other");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("FAIL reference.", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"\d+ of 33 entries differ", outcome.Output);
    }

    [Fact]
    public async Task Score_OneRightPrediction_IsCounted()
    {
        using var squad = JsonDocument.Parse(await File.ReadAllTextAsync(_inputs.At("squad.json"), TestContext.Current.CancellationToken));
        var question = squad.RootElement.GetProperty("data")[0].GetProperty("paragraphs")[0].GetProperty("qas")[0];
        _inputs.Write("predictions.json", JsonSerializer.Serialize(new Dictionary<string, string?>
        {
            [question.GetProperty("id").GetString()!] = question.GetProperty("answers")[0].GetProperty("text").GetString(),
        }));

        var outcome = (await RunAsync("score squad --data ./squad.json --predictions ./predictions.json")).Done();

        Assert.Matches(@"exact_match +0\.50 +1 of 200", outcome.Output);
        Assert.Contains("200 items, 199 without a prediction, 0 predictions for unknown ids", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_Ifeval_CountsInstructionsOfAnsweredPromptsAndTellsEach()
    {
        _inputs.Write("input.jsonl", string.Join('\n',
            """{"key":1,"prompt":"p","instruction_id_list":["punctuation:no_comma","length_constraints:number_words"],"kwargs":[{},{"relation":"at least","num_words":3}]}""",
            """{"key":2,"prompt":"q","instruction_id_list":["startend:quotation"],"kwargs":[{}]}"""));
        _inputs.Write("responses.jsonl", """{"key":1,"response":"Well,\nthree words here"}""");
        const string Command = "score ifeval --data ./input.jsonl --predictions ./responses.jsonl";

        Assert.Contains("2 items, 1 without a prediction and left out, 0 predictions for unknown ids", (await RunAsync(Command)).Done().Output, StringComparison.Ordinal);

        using var json = JsonDocument.Parse((await RunAsync($"{Command} --json")).Done().Output);
        var names = new[] { "prompt_strict", "instruction_strict", "prompt_loose", "instruction_loose" };
        Assert.Equal([0.0, 50, 100, 100], names.Select(name => json.RootElement.GetProperty(name).GetDouble()));
        Assert.Equal(
            [(0, 1), (1, 2), (1, 1), (2, 2)],
            names.Select(name => json.RootElement.GetProperty("counts").GetProperty(name)).Select(count => (count.GetProperty("right").GetInt32(), count.GetProperty("of").GetInt32())));

        Assert.Equal(
            [
                """{"id":"1","missing":false,"instruction_loose":1,"instruction_strict":0.5,"prompt_loose":1,"prompt_strict":0,"strict":[false,true],"loose":[true,true]}""",
                """{"id":"2","missing":true}""",
            ],
            (await RunAsync($"{Command} --each")).Done().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        (await RunAsync($"{Command} --each --json")).Refuses("--each: found it with --json, which prints totals, expected one of them");
    }

    [Fact]
    public async Task Plant_AsTheShippedOneWasMade_GivesItsBytes()
    {
        (await RunAsync("plant ./model ./planted --layer 8")).Done();

        Assert.Equal(
            await File.ReadAllBytesAsync(Fixtures.Shipped("models", "mamba-mini-planted", "model.safetensors"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(_inputs.At("planted/model.safetensors"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Help_Command_NamesThisProgram() =>
        Assert.Contains("sweep export [<sweep>] [options]", (await RunAsync("export --help")).Done().Output, StringComparison.Ordinal);

    public void Dispose() => _inputs.Dispose();

    private Task<CommandOutcome> RunAsync(string command) => Terminal.RunAsync(_inputs.Words(command));

    private async Task<ISweepStore> SubmitAsync(string id)
    {
        var store = await SqliteSweepStore.OpenAsync(_inputs.At("s.db"), CancellationToken.None);
        await store.SubmitAsync(id, PlanReader.Read(Inputs.Plan, "plan.yaml"), Inputs.Plan, CancellationToken.None);
        return store;
    }
}
