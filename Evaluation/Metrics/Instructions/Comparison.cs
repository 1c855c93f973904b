namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>The two relations of IFEval between a count and a threshold.</summary>
internal static class Comparison
{
    public const string LessThan = "less than";

    public const string AtLeast = "at least";

    public static bool Holds(string relation, int count, int threshold) => relation == LessThan ? count < threshold : count >= threshold;
}
