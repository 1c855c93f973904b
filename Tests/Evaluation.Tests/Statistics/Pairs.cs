namespace Sweep.Evaluation.Tests.Statistics;

/// <summary>Paired differences for tests.</summary>
internal static class Pairs
{
    /// <summary>Fisher, The Design of Experiments (1935), section 21: Darwin's 15 pairs of maize, differences in eighths of an inch.</summary>
    public static double[] Darwin => [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

    /// <summary>A group of its own for each of n items.</summary>
    public static string[] Alone(int n) => [.. Enumerable.Range(0, n).Select(i => $"g{i}")];

    /// <summary>n items of which so many turn right and so many turn wrong.</summary>
    public static double[] Of(int better, int worse, int n) => [.. Enumerable.Range(0, n).Select(i => i < better ? 1.0 : i < better + worse ? -1 : 0)];

    /// <summary>Standard normal values by the seed (Box and Muller).</summary>
    public static double[] Normal(Random random, int n) =>
        [.. Enumerable.Range(0, n).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
}
