namespace Sweep.Cli.Output;

/// <summary>Bottlenecks in one line: by benchmark, all of one as "every bottleneck".</summary>
internal static class BottleneckNames
{
    public static string Of(IEnumerable<(string Benchmark, string Bottleneck)> named, IReadOnlyCollection<(string Benchmark, string Bottleneck)> all) =>
        string.Join("; ", named.GroupBy(pair => pair.Benchmark).Select(benchmark => benchmark.Count() == all.Count(pair => pair.Benchmark == benchmark.Key)
            ? $"{benchmark.Key} (every bottleneck)"
            : $"{benchmark.Key} ({string.Join(", ", benchmark.Select(pair => pair.Bottleneck))})"));
}
