using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>Plans that cannot be run: each ends with exit code 2 and one clear message that names place, found and expected.</summary>
[Collection(Terminal.Collection)]
public sealed class BrokenPlanTests : IDisposable
{
    private readonly Inputs _inputs = new();

    /// <summary>What the plan says instead, and a part of the message.</summary>
    public static TheoryData<string, string, string> Fields => new()
    {
        { "scalars:", "scalers:", "plan.yaml:7:1: found unknown field 'scalers' (is 'scalars' meant?)" },
        { "name: broken\n", "", "name: found no field 'name', expected the sweep's name" },
        { "name: broken", "name: a/../b", "plan.yaml:1:7: name: found 'a/../b', expected 1 to 80 letters, digits" },
        { "controls: off", "name: again", "plan.yaml:8:1: found field 'name' a second time (first in line 1), expected it once" },
        { "[0.5, 2]", "many", "plan.yaml:7:10: scalars: found 'many', expected a list of numbers or paper" },
        { "[0.5, 2]", "[]", "scalars: found no scalars, expected at least one for bottleneck 'one'" },
        { "[0.5, 2]", "[0.5, .inf]", "scalars[1]: found '.inf', expected a finite number" },
        { "[0.5, 2]", "[.nan]", "scalars[0]: found '.nan', expected a finite number" },
        { "[0.5, 2]", "[2, 2]", "scalars[1]: found 2 a second time" },
        { "layer: 8", "layer: 8, site: MixerOutputs", "bottlenecks[0].site: found 'MixerOutputs', expected ResidualPre, NormalizedInput" },
        { "layer: 8", "layer: 8, depth: 0.5", "bottlenecks[0]: found both layer and depth, expected one of them" },
        { "layer: 8", "depth: 1", "bottlenecks[0].depth: found 1, expected a number from 0 to below 1" },
        { "layer: 8", "layer: 99999999999", "bottlenecks[0].layer: found 99999999999, expected a whole number" },
        { "layer: 8", "layer: 12", "12" },
        { "layer: 8", "layer: 8, site: SsmState", "SsmState" },
        { "channels: [3, 5]", "top: 4, by: variance", "bottlenecks[0]: found a top recipe in a plan without calibration" },
        { "[3, 5]", "[3, 192]", "192" },
        { "[3, 5]", "[-3]", "channels[0]: found -3, expected a whole number from 0" },
        { "[3, 5]", "[3, 3]", "channels[1]: found 3 a second time" },
        { "[3, 5]", "[]", "channels: found an empty list, expected at least one channel" },
        { "  - { name: one", "  - { name: one, layer: 7, channels: [1] }\n  - { name: one", "bottlenecks[1].name: found 'one' a second time" },
        { "  - { name: squad", "  - { name: squad, data: text.jsonl }\n  - { name: squad", "benchmarks[1]: found 'squad' a second time" },
        { "name: squad", "name: sqaud", "benchmarks[0].name: found 'sqaud', expected squad, triviaqa, drop" },
        { "items: 4", "items: -4", "benchmarks[0].items: found -4, expected a whole number of at least 1" },
        { "items: 4", "items: 4.5", "benchmarks[0].items: found 4.5, expected a whole number of items" },
        { "[model]", "&m [model, *m]", "plans have no anchors and aliases" },
        { "[model]", "[models/none]", "'models/none' does not exist" },
        { "[model]", "[squad.json]", "models[0]" },
        { "squad.json", "none.json", "'none.json' does not exist" },
        { "data: squad.json", "data: model", "benchmarks[0]" },
        { "name: squad, data: squad.json", "name: squad, data: triviaqa.json", "triviaqa.json" },
        { "name: squad, data: squad.json", "name: squad, data: empty-gold.json", "empty-gold.json" },
        { "controls: off", "controls: off\nprecision: fp8", "precision: found 'fp8', expected fp32, tf32, bf16 or fp16" },
        { "controls: off", "controls: { random: -1 }", "controls.random: found -1, expected a whole number from 0" },
        { "controls: off", "controls: off\nsplit: { selection: 1 }", "split.selection: found 1, expected a share above 0 and below 1" },
        { "controls: off", "controls: off\ncontext_limit: 3", "is still longer than the context limit of 3 tokens" },
        { "controls: off", "controls: off\nbudget: { jobs: 2 }", "its budget allows 2 (budget.jobs)" },
        { "{ name: squad, data: squad.json, items: 4 }", "{ name: text, data: text.jsonl }\ncalibration: { data: text.jsonl, half: perplexity }", "calibration.data: found 50 documents that benchmark 'text' measures too" },
    };

    /// <summary>A whole file, and a part of the message.</summary>
    public static TheoryData<string, string> Files => new()
    {
        { "", "plan.yaml:1:1: found nothing, expected a plan" },
        { "# a comment alone\n", "plan.yaml:1:1: found nothing, expected a plan" },
        { "[1, 2]", "plan.yaml:1:1: found a list of 2, expected a plan's fields" },
        { "{\"name\": \"x\"", "plan.yaml:2:1: cannot be read as YAML or JSON" },
        { "\u0001\u0002", "plan.yaml:1:1" },
        { new string('a', 3 << 20), "plan.yaml:1:1: found 3145728 characters, expected at most 1048576" },
        { new string('a', 5 << 20), "plan.yaml: found 5242880 bytes, expected at most 4194304" },
        { new string('[', 500), "plan.yaml:1" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Run_WrongField_IsRefused(string found, string replacement, string message)
    {
        Assert.Contains(found, Inputs.Plan, StringComparison.Ordinal);
        _inputs.Write("plan.yaml", Inputs.Plan.Replace(found, replacement, StringComparison.Ordinal));

        (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --store ./s.db"))).Refuses(message);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Run_NoPlan_IsRefused(string content, string message)
    {
        _inputs.Write("plan.yaml", content);

        (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --store ./s.db"))).Refuses(message);

        Assert.False(File.Exists(_inputs.At("s.db")), "a plan that cannot be read leaves no store");
    }

    [Fact]
    public async Task Run_SeveralMistakes_AreAllReportedAtOnce()
    {
        _inputs.Write("plan.yaml", Inputs.Plan.Replace("[model]", "[models/none]", StringComparison.Ordinal).Replace("squad.json", "none.json", StringComparison.Ordinal));

        (await Terminal.RunAsync(_inputs.Words("run ./plan.yaml --store ./s.db"))).Refuses("'models/none' does not exist").Refuses("'none.json' does not exist");
    }

    public void Dispose() => _inputs.Dispose();
}
