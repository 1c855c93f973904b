namespace Sweep.Contracts.Jobs;

/// <summary>What a numerics id ("cpu/1": device kind and engine revision) says of the results that carry it.</summary>
public static class NumericsIds
{
    /// <summary>"cpu", "cuda".</summary>
    public static string KindOf(string numericsId) => numericsId.Split('/')[0];

    /// <summary>
    /// True where a row's bits depend on what shares its micro-batch, so that every steered row is recorded with its unsteered pair. On CPU they depend on the row alone, unless a libtorch of
    /// others computes ("cpu/1+1dd0c3f8").
    /// </summary>
    public static bool DependOnPacking(string numericsId) => KindOf(numericsId) != "cpu" || numericsId.Contains('+', StringComparison.Ordinal);
}
