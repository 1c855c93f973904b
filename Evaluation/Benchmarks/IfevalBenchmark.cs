using System.Text.Json;
using Sweep.Evaluation.Metrics;
using Sweep.Evaluation.Metrics.Instructions;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>IFEval (Zhou et al. 2023): instructions that a program can check. It has no golds. Group: the prompt.</summary>
internal sealed class IfevalBenchmark : Benchmark
{
    public override string Name => "ifeval";

    public override PromptTemplate Template { get; } = new("ifeval-prompt/1", "{prompt}\nResponse:");

    public override string MetricVersion => "ifeval-metric/3";

    public override string PrimaryMetric => "instruction_strict";

    public override IReadOnlyList<string> MetricNames => ["instruction_loose", "instruction_strict", "prompt_loose", "prompt_strict"];

    public override IReadOnlyList<string> PooledMetrics => ["instruction_loose", "instruction_strict"];

    public override int MaxNewTokens => 96;

    public override IReadOnlyList<string> Stops => [];

    public override bool HasGolds => false;

    /// <summary>The official code stops at a prompt without a response, and its published figures are over responses.</summary>
    public override bool MissingCounts => false;

    public override ItemScore Score(EvaluationItem item, string response)
    {
        var (strict, loose) = IfevalMetric.Check(item.Instructions!, response);
        return new ItemScore(
            new Dictionary<string, double>
            {
                ["prompt_strict"] = strict.All(kept => kept) ? 1 : 0,
                ["instruction_strict"] = strict.Average(kept => kept ? 1.0 : 0),
                ["prompt_loose"] = loose.All(kept => kept) ? 1 : 0,
                ["instruction_loose"] = loose.Average(kept => kept ? 1.0 : 0),
            },
            false)
        { Verdicts = new InstructionVerdicts(strict, loose) };
    }

    internal override IEnumerable<RawItem> Parse(DataFile file)
    {
        foreach (var record in file.Records())
        {
            var prompt = record["prompt"].AsText();
            var kinds = record["instruction_id_list"].Elements().ToArray();
            var arguments = record["kwargs"].Elements().ToArray();
            if (kinds.Length == 0 || kinds.Length != arguments.Length)
                throw file.Broken($"{record.Place}.kwargs", $"{arguments.Length} for {kinds.Length} instructions", "one for each instruction, at least one");
            var instructions = kinds.Select((kind, index) => Checked(file, kind, arguments[index])).ToArray();
            yield return new RawItem(record["key"].AsId(), record.Canonical, prompt, Template.Fill(("prompt", prompt)), []) { Instructions = instructions };
        }
    }

    private static Instruction Checked(DataFile file, Node kind, Node arguments)
    {
        var id = kind.AsText();
        if (!IfevalMetric.Kinds.Contains(id))
            throw file.Broken(kind.Place, $"'{id}'", $"one of {string.Join(", ", IfevalMetric.Kinds)}");
        var given = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Members().Where(pair => pair.Value.Value.ValueKind != JsonValueKind.Null))
        {
            RequireText(value);
            if (!given.TryAdd(name, value.Value))
                throw file.Broken(value.Place, "the argument a second time", "each argument once");
        }

        var instruction = new Instruction(id, given);
        if (InstructionKinds.Problem(instruction) is { } problem)
            throw file.Broken($"{arguments.Place}.{problem.Argument}", problem.Found, problem.Expected);
        return instruction;
    }

    /// <summary>Texts that can be read, also within a list.</summary>
    private static void RequireText(Node value)
    {
        if (value.Value.ValueKind == JsonValueKind.String)
            value.AsText();
        if (value.Value.ValueKind != JsonValueKind.Array)
            return;
        foreach (var element in value.Elements())
            RequireText(element);
    }
}
