using Sweep.Tests;

namespace Sweep.EndToEnd.Tests.Processes;

/// <summary>A plan over the shipped model that takes some seconds: long enough to be killed in its middle, every kind of measure.</summary>
internal static class SmallPlan
{
    /// <summary>(job, item) pairs: 19 distinct jobs on every item, of two measures but for text.</summary>
    public const int Rows = 19 * ((2 * 36) + (2 * 12) + 12);

    /// <summary>Some seventy micro-batches in a handful of batches, instead of a batch each; results do not depend on it.</summary>
    public static (string Name, string Value)[] FinePacking { get; } = [("Sweep__Planner__TargetMicroBatchSeconds", "0.1"), ("Sweep__Planner__MinimumBatches", "4")];

    public static string Write(TemporaryFolder folder) => folder.Write("plan.yaml", Text());

    public static string Text() => $$"""
        name: small
        models: ['{{Fixtures.Shipped("models", "mamba-mini-planted")}}']
        benchmarks:
          - { name: triviaqa, data: '{{Benchmark("triviaqa.json")}}', items: 36 }
          - { name: squad, data: '{{Benchmark("squad.json")}}', items: 12 }
          - { name: text, data: '{{Benchmark("text.jsonl")}}', items: 12 }
        bottlenecks:
          - { name: planted, layer: 8, channels: [7, 15, 26, 39, 65, 72, 79, 92, 95, 112, 113, 135, 152, 153, 176, 185] }
          - { name: top, depth: 0.5, top: 8, by: variance }
        scalars: [0.05, 0.5, 3]
        controls: { random: 2 }
        calibration: { data: '{{Benchmark("text.jsonl")}}', half: calibration, documents: 10, max_tokens: 64 }
        decoding: { max_new_tokens: 8 }
        """;

    public static string Benchmark(string file) => Fixtures.Shipped("benchmarks", "mini", file);
}
