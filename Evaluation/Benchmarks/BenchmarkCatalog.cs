namespace Sweep.Evaluation.Benchmarks;

/// <summary>All benchmarks by name.</summary>
public static class BenchmarkCatalog
{
    private static readonly Benchmark[] All =
    [
        new SquadBenchmark(), new TriviaQaBenchmark(), new DropBenchmark(), new MusiqueBenchmark(), new RulerBenchmark(), new IfevalBenchmark(), new TextBenchmark(),
        new ArcBenchmark(), new PiqaBenchmark(), new HellaSwagBenchmark(), new PlainChoiceBenchmark(), new LambadaBenchmark(), new CorpusBenchmark(),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(benchmark => benchmark.Name)];

    /// <exception cref="ArgumentException">No benchmark of that name.</exception>
    public static Benchmark Find(string name) =>
        Array.Find(All, benchmark => benchmark.Name == name) ?? throw new ArgumentException($"benchmark: found '{name}', expected one of {string.Join(", ", Names)}");
}
