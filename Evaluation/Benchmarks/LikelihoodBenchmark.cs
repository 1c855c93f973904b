namespace Sweep.Evaluation.Benchmarks;

/// <summary>Benchmarks whose metrics come from log-likelihoods of continuations: nothing is generated, and nothing follows a continuation.</summary>
public abstract class LikelihoodBenchmark : Benchmark
{
    public sealed override bool ScoresLikelihoods => true;

    public override int MaxNewTokens => 0;

    public sealed override IReadOnlyList<string> Stops => [];

    protected sealed override string Terminator => "";

    public sealed override ItemScore Score(EvaluationItem item, string response) => throw new NotSupportedException($"{Name} has no response to score");
}
