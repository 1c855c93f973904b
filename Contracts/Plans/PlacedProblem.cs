namespace Sweep.Contracts.Plans;

/// <summary>A problem with its place in the plan's text.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Problem">By path.</param>
public sealed record PlacedProblem(int Line, int Column, PlanProblem Problem);
