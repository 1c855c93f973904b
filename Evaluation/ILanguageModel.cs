namespace Sweep.Evaluation;

/// <summary>The waist between models and benchmarks: two calls, as in lm-evaluation-harness, and nothing else crosses.</summary>
public interface ILanguageModel
{
    /// <summary>Sum of log-probabilities (nats) of each continuation after its prompt, in the order of the requests; null where the model diverged.</summary>
    IReadOnlyList<double?> LogLikelihood(IReadOnlyList<LogLikelihoodRequest> requests, CancellationToken cancellationToken);

    /// <summary>Greedy text after each prompt, in the order of the requests; null where the model diverged.</summary>
    IReadOnlyList<string?> GenerateUntil(IReadOnlyList<GenerateRequest> requests, CancellationToken cancellationToken);
}

/// <summary>How likely is this continuation after this prompt?</summary>
public sealed record LogLikelihoodRequest(string Prompt, string Continuation);

/// <summary>Continue this prompt until one of the stops, the end of text, or the limit.</summary>
public sealed record GenerateRequest(string Prompt, IReadOnlyList<string> Stops, int MaxNewTokens);
