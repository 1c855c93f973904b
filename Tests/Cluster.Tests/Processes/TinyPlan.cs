using System.Globalization;

namespace Sweep.Cluster.Tests.Processes;

/// <summary>Plans over the shipped model, of a second's work and of several; names are relative to the repository.</summary>
internal static class TinyPlan
{
    /// <summary>1 baseline, 1 bottleneck and 1 control at 1 scalar: 3 jobs of each measure.</summary>
    public const int Jobs = 2 * 3;

    /// <summary>(job, item) pairs of <see cref="Text"/>.</summary>
    public static int Rows(int items) => Jobs * items;

    public static string Text(int items, int seed = 0) => string.Create(CultureInfo.InvariantCulture, $$"""
        name: tiny
        models: [models/mamba-mini]
        benchmarks: [{ name: triviaqa, data: benchmarks/mini/triviaqa.json, items: {{items}} }]
        bottlenecks: [{ name: b, layer: 8, channels: [1, 2, 3] }]
        scalars: [0.5]
        controls: { random: 1 }
        decoding: { max_new_tokens: 4 }
        seed: {{seed}}
        """);
}
