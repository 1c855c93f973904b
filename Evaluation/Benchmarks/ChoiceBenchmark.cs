using System.Globalization;
using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>Multiple choice by log-likelihood: every choice is a continuation of the same prompt, the gold is one of them.</summary>
public abstract class ChoiceBenchmark : LikelihoodBenchmark
{
    public override string PrimaryMetric => "acc_norm";

    public override IReadOnlyList<string> MetricNames => ChoiceMetric.Names;

    public override ItemScore Score(EvaluationItem item, IReadOnlyList<ContinuationScore> continuations) =>
        new(ChoiceMetric.Score(item.Choices!, [.. continuations.Select(continuation => continuation.LogLikelihood)], item.Gold!.Value), false);

    /// <summary>An item whose gold is one of its choices.</summary>
    /// <param name="gold">Index into the choices.</param>
    private protected static RawItem Item(Node record, string? id, string group, FilledPrompt prompt, IReadOnlyList<string> choices, int gold)
    {
        if (choices.Count < 2)
            throw record.File.Broken(record.Place, $"{choices.Count} choices", "at least two");
        for (var choice = 0; choice < choices.Count; choice++)
        {
            if (choices[choice].Length == 0)
                throw record.File.Broken(record.Place, $"nothing as choice {choice}", "choices of at least one character");
        }

        return new RawItem(id, record.Canonical, group, prompt, [choices[gold]]) { ContinuedGolds = choices, Choices = choices, Gold = gold };
    }

    /// <summary>An index as a number or, as some files have it, the digits of one.</summary>
    private protected static int Index(Node value, int choices) =>
        int.TryParse(value.AsId(), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < choices
            ? index
            : throw value.File.Broken(value.Place, $"'{value.AsId()}'", $"the index of a choice, from 0 to {choices - 1}");
}
