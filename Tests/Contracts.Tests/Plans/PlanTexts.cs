using Xunit;

namespace Sweep.Contracts.Tests.Plans;

/// <summary>Plan texts that tests start from.</summary>
internal static class PlanTexts
{
    /// <summary>Valid; tests change one line of it.</summary>
    public const string Valid = """
        name: trial
        models: [models/mini]
        benchmarks:
          - name: squad
            data: data/squad.json
        bottlenecks:
          - name: planted
            layer: 8
            channels: [3, 5]
        scalars: [0.5, 1, 2]
        """;

    /// <summary>Every field of a plan once.</summary>
    public const string Full = """
        name: full
        models: [a, b/c]
        benchmarks:
          - { name: squad, data: s.json, label: s, items: 3, split: { selection: 0.2, validation: 0.3 } }
          - { name: text, data: t.jsonl }
        bottlenecks:
          - { name: one, depth: 0.5, site: Delta, operation: add, positions: last, channels: [9, 2], values: [0.5, -1], scalars: [-1, 2] }
          - { name: two, layer: 1, top: 16, by: variance }
          - { name: three, layer: 1, random: 4, seeds: [1, 2] }
          - { name: four, layer: 0, channels: all, operation: mean_ablate }
          - name: five
            parts:
              - { layer: 1, channels: [1], site: Gate, operation: scale, positions: prompt }
              - { depth: 0.25, random: 2, seeds: [7] }
              - { layer: 2, top: 2, by: variance, operation: add, values: [1, 2] }
        scalars: paper
        decoding: { log_likelihood: true, generate: false, max_new_tokens: 12 }
        controls: { random: 4, norm_matched: 3, variance_matched: 2, complement: true, equal_norm: false, other_layers: 5, other_channels: 1 }
        calibration: { data: c.txt, half: calibration, documents: 10, max_tokens: 64 }
        split: { selection: 0.4, validation: 0.1 }
        search: { method: screening, items: 16 }
        smallest_effect: { points: 3, nats: 0.25 }
        hypotheses:
          - { name: h1, statement: it helps, bottleneck: one, benchmarks: [s], models: [a, c], direction: worse, scalar: 2, metric: f1, smallest_effect: { points: 5 } }
          - { name: h2, statement: it beats others, bottleneck: three (seed 2), direction: better, than: [two, three (seed 1)], chosen: 2 }
          - { name: h3, statement: it beats chance, bottleneck: one, direction: better, against: controls }
        context_limit: 256
        seed: 7
        precision: bf16
        owner: ada
        priority: -2
        weight: 2.5
        budget: { jobs: 100, device_seconds: 12.5 }
        """;

    public static IReadOnlyList<string> Problems(string text) => Assert.Throws<Contracts.Plans.InvalidPlanException>(() => Contracts.Plans.PlanReader.Read(text, "p")).Problems;
}
