namespace Sweep.Evaluation.Benchmarks;

/// <summary>What a model makes of one continuation of an item's prompt.</summary>
/// <param name="LogLikelihood">Nats, finite.</param>
/// <param name="IsGreedy">Every token of it is the likeliest where it stands: greedy decoding would write it.</param>
public readonly record struct ContinuationScore(double LogLikelihood, bool IsGreedy);
