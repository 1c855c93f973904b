using Sweep.Evaluation.Metrics;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>Benchmarks scored by exact match and token F1, the maximum over golds, with the lenient match beside them.</summary>
public abstract class AnswerBenchmark : Benchmark
{
    public override string MetricVersion => $"{Name}-metric/2";

    public override string PrimaryMetric => "em";

    public override IReadOnlyList<string> MetricNames => ["em", "f1", "lenient"];

    public override int MaxNewTokens => 24;

    /// <summary>F1 of two answers that both normalise to nothing: 1, or 0 as in SQuAD v1.1.</summary>
    protected virtual bool EmptyAnswersAgree => false;

    public override ItemScore Score(EvaluationItem item, string response)
    {
        var (exact, f1, empty) = Best(item.Golds, response);
        return new ItemScore(
            new Dictionary<string, double> { ["em"] = exact, ["f1"] = empty && EmptyAnswersAgree ? 1 : f1, ["lenient"] = LenientMatch.Matches(item.Golds, response) ? 1 : 0 }, empty);
    }

    /// <summary>Exact match and F1 as the official scorer normalises: SQuAD's, unless a benchmark has its own.</summary>
    protected virtual (double Exact, double F1, bool Empty) Best(IReadOnlyList<string> golds, string response) => SquadMetric.Best(golds, response);
}
