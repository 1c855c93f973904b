using System.Text.Json.Nodes;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Tests;
using Xunit;

namespace Sweep.EndToEnd.Tests;

/// <summary>Inputs that cannot be used: each ends with exit code 2 and one clear message that names place, found and expected.</summary>
public sealed class BrokenInputTests
{
    private const string Plan = """
        name: broken
        models: [model]
        benchmarks:
          - { name: squad, data: squad.json, items: 4 }
        bottlenecks:
          - { name: one, layer: 8, channels: [3, 5] }
        scalars: [0.5, 2]
        controls: off
        """;

    /// <summary>What the plan says instead, and a part of the message.</summary>
    public static TheoryData<string, string, string> Plans => new()
    {
        { "scalars:", "scalers:", "plan.yaml:7:1: found unknown field 'scalers' (is 'scalars' meant?)" },
        { "name: broken\n", "", "name: found no field 'name', expected the sweep's name" },
        { "controls: off", "name: again", "plan.yaml:8:1: found field 'name' a second time (first in line 1), expected it once" },
        { "[0.5, 2]", "many", "plan.yaml:7:10: scalars: found 'many', expected a list of numbers or paper" },
        { "[0.5, 2]", "[0.5, .inf]", "scalars[1]: found '.inf', expected a finite number" },
        { "layer: 8", "layer: 8, site: MixerOutputs", "bottlenecks[0].site: found 'MixerOutputs', expected ResidualPre, NormalizedInput" },
        { "layer: 8", "layer: 8, depth: 0.5", "bottlenecks[0]: found both layer and depth, expected one of them" },
        { "channels: [3, 5]", "top: 4, by: variance", "bottlenecks[0]: found a top recipe in a plan without calibration" },
        { "name: squad", "name: sqaud", "benchmarks[0].name: found 'sqaud', expected squad, triviaqa, drop" },
        { "[model]", "&m [model, *m]", "plans have no anchors and aliases" },
        { "[3, 5]", "[3, 192]", "192" },
        { "layer: 8", "layer: 12", "12" },
        { "layer: 8", "layer: 8, site: SsmState", "SsmState" },
        { "[model]", "[models/none]", "'models/none' does not exist" },
        { "squad.json", "none.json", "'none.json' does not exist" },
        { "name: squad, data: squad.json", "name: squad, data: triviaqa.json", "triviaqa.json" },
        { "name: squad, data: squad.json", "name: squad, data: empty-gold.json", "empty-gold.json" },
        { "controls: off", "controls: off\nprecision: fp8", "precision: found 'fp8', expected fp32, bf16 or fp16" },
        { "{ name: squad, data: squad.json, items: 4 }", "{ name: text, data: text.jsonl }\ncalibration: { data: text.jsonl, half: perplexity }", "calibration: " },
    };

    /// <summary>What is wrong with the model folder, and a part of the message.</summary>
    public static TheoryData<string, string> Models => new()
    {
        { "truncated weights", "model.safetensors" },
        { "wrong shape", "do not fit config.json" },
        { "tokenizer without merges", "tokenizer.json" },
        { "another architecture", "model_type: found 'llama', expected one of: mamba" },
        { "pickled weights only", "pytorch_model.bin" },
        { "no config", "config.json: found no file" },
    };

    public static TheoryData<string, string> Commands => new()
    {
        { "run none.yaml", "none.yaml: found no file, expected a plan" },
        { "run plan.yaml --items 0", "--items: found 0, expected at least 1" },
        { "run plan.yaml --device tpu", "--device: found 'tpu', expected cpu" },
        { "run plan.yaml --store text.jsonl", "text.jsonl: found no usable SQLite database" },
        { "show --latest", "found no store" },
        { "check-model bare", "found nothing to compare with" },
        { "score squad --data squad.json --predictions text.jsonl", "text.jsonl" },
        { "frobnicate", "frobnicate" },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task Plan_Broken_IsRefusedWithOneMessage(string found, string replacement, string message)
    {
        using var folder = new TemporaryFolder();
        CopyInputs(folder);
        Assert.Contains(found, Plan, StringComparison.Ordinal);
        folder.Write("plan.yaml", Plan.Replace(found, replacement, StringComparison.Ordinal));

        AssertRefused(await CliProcess.RunAsync(folder.Path, "run", "plan.yaml"), message);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Model_Broken_IsRefusedWithOneMessage(string defect, string message)
    {
        using var folder = new TemporaryFolder();
        CopyInputs(folder);
        folder.Write("plan.yaml", Plan);
        Break(Path.Combine(folder.Path, "model"), defect);

        AssertRefused(await CliProcess.RunAsync(folder.Path, "run", "plan.yaml"), message);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Command_Wrong_IsRefusedWithOneMessage(string command, string message)
    {
        using var folder = new TemporaryFolder();
        CopyInputs(folder);
        folder.Write("plan.yaml", Plan);
        Directory.CreateDirectory(Path.Combine(folder.Path, "bare"));
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json"])
            File.Copy(Path.Combine(folder.Path, "model", name), Path.Combine(folder.Path, "bare", name));

        AssertRefused(await CliProcess.RunAsync(folder.Path, command.Split(' ')), message);
    }

    [Fact]
    public async Task Plan_SeveralMistakes_AreAllReportedAtOnce()
    {
        using var folder = new TemporaryFolder();
        CopyInputs(folder);
        folder.Write("plan.yaml", Plan.Replace("[model]", "[models/none]", StringComparison.Ordinal).Replace("squad.json", "none.json", StringComparison.Ordinal));

        var outcome = await CliProcess.RunAsync(folder.Path, "run", "plan.yaml");

        AssertRefused(outcome, "'models/none' does not exist");
        AssertRefused(outcome, "'none.json' does not exist");
    }

    private static void AssertRefused(CliOutcome outcome, string message)
    {
        outcome.Expect(2);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", outcome.Error, StringComparison.Ordinal);
        Assert.InRange(outcome.Error.Split('\n').Count(line => line.StartsWith("sweep: ", StringComparison.Ordinal)), 1, 3);
        Assert.Empty(outcome.Output.Trim());
    }

    private static void CopyInputs(TemporaryFolder folder)
    {
        var model = Directory.CreateDirectory(Path.Combine(folder.Path, "model")).FullName;
        foreach (var file in Directory.EnumerateFiles(Fixtures.Shipped("models", "mamba-mini")))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        foreach (var name in (string[])["squad.json", "triviaqa.json", "text.jsonl"])
            File.Copy(SmallPlan.Benchmark(name), Path.Combine(folder.Path, name));
        folder.Write("empty-gold.json", """{"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": [{"id": "1", "question": "q", "answers": [{"text": "", "answer_start": 0}]}]}]}]}""");
    }

    private static void Break(string model, string defect)
    {
        string At(string name) => Path.Combine(model, name);
        switch (defect)
        {
            case "truncated weights":
                using (var weights = new FileStream(At("model.safetensors"), FileMode.Open))
                    weights.SetLength(weights.Length - 1000);
                break;
            case "wrong shape":
                Edit(At("config.json"), config => config["state_size"] = 8);
                break;
            case "tokenizer without merges":
                Edit(At("tokenizer.json"), tokenizer => tokenizer["model"]!.AsObject().Remove("merges"));
                break;
            case "another architecture":
                Edit(At("config.json"), config => config["model_type"] = "llama");
                break;
            case "pickled weights only":
                File.Move(At("model.safetensors"), At("pytorch_model.bin"));
                break;
            case "no config":
                File.Delete(At("config.json"));
                break;
            default:
                throw new ArgumentException(defect);
        }
    }

    private static void Edit(string path, Action<JsonObject> edit)
    {
        var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(document);
        File.WriteAllText(path, document.ToJsonString());
    }
}
