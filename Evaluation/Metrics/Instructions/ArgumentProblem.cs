namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>An argument that cannot be used.</summary>
internal sealed record ArgumentProblem(string Argument, string Found, string Expected);
