namespace Sweep.Evaluation.Benchmarks;

/// <summary>Benchmarks whose text itself is scored: every token after the first, whole or in windows.</summary>
public abstract class PerplexityBenchmark : Benchmark
{
    public sealed override string PrimaryMetric => "perplexity";

    public sealed override IReadOnlyList<string> MetricNames => [];

    public sealed override int MaxNewTokens => 0;

    public sealed override IReadOnlyList<string> Stops => [];

    public sealed override bool IsText => true;

    public sealed override bool HasGolds => false;

    public sealed override ItemScore Score(EvaluationItem item, string response) => throw new NotSupportedException("a text has no response to score");
}
