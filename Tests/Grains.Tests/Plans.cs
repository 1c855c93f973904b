using System.Globalization;
using CsCheck;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Tests;

/// <summary>Resolved plans without files.</summary>
internal static class Plans
{
    private static readonly string[] Sites = ["ResidualPre", "Convolution", "Delta", "Gate", "SsmOutput", "GatedOutput", "MixerOutput", "ResidualPost"];

    public static SweepPlan Plan { get; } = new()
    {
        Name = "test",
        Models = ["m"],
        Benchmarks = [],
        Bottlenecks = [],
    };

    /// <summary>Random plans of 1-2 models, 1-3 benchmarks (sometimes over the same data), 0-4 bottlenecks with controls.</summary>
    public static Gen<ResolvedPlan> Random { get; } =
        from models in Gen.Int[1, 2]
        from sameWeights in Gen.Bool
        from benchmarks in Gen.Select(Gen.Int[1, 40], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[1, 400]).Array[1, 3]
        from bottlenecks in Gen.Select(Gen.Int[0, 5], Gen.Int[0, Sites.Length - 1], Gen.Int[0, 3], Gen.Int[0, 5]).Array[0, 4]
        select new ResolvedPlan
        {
            NumericsId = "cpu/1",
            Models = [.. Enumerable.Range(0, models).Select(index => Model(index, sameWeights))],
            Benchmarks = [.. benchmarks.Select((b, index) => Benchmark($"b{index}", "squad", b.Item3 == 0 ? "same" : $"data{index}", Measures(b.Item2), b.Item1, b.Item3 == 0 ? 50 : b.Item4))],
            Bottlenecks =
            [
                .. from model in Enumerable.Range(0, models)
                   from pair in bottlenecks.Select((b, index) => (b, index))
                   from control in Enumerable.Range(-1, pair.b.Item3 + 1)
                   select Bottleneck(model, $"n{pair.index}", control, pair.b.Item1, Sites[pair.b.Item2], pair.b.Item4),
            ],
        };

    public static ResolvedModel Model(int index, bool sameWeights = false) => new()
    {
        Name = $"m{index}",
        Path = $"m{index}",
        WeightsHash = sameWeights ? "w" : $"w{index}",
        TokenizerHash = "t",
        ModelType = "mamba",
        Layers = 6,
        DModel = 64,
        DInner = 128,
        BlockMultiplyAdds = 64 * 128 * 3 + 4000,
        Parameters = 200_000,
    };

    public static ResolvedBenchmark Benchmark(string name, string kind, string data, IReadOnlyList<Measure> measures, int items, int longest = 50) => new()
    {
        Name = name,
        Kind = kind,
        Path = data,
        DataHash = data,
        PromptVersion = "1",
        MetricVersion = "1",
        PrimaryMetric = "em",
        Measures = measures,
        MaxNewTokens = 8,
        Items =
        [
            .. Enumerable.Range(0, items).Select(index => new ResolvedItem
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{data}-{index}"),
                Group = "g",
                Split = ItemSplit.Test,
                PromptTokens = [1 + index * 37 % longest, 1 + index * 37 % longest],
                GoldTokens = [3, 3],
            }),
        ],
    };

    /// <param name="control">-1: the bottleneck itself.</param>
    public static ResolvedBottleneck Bottleneck(int model, string name, int control, int layer, string site, int scalars) => new()
    {
        Model = model,
        Name = name,
        Role = control < 0 ? BottleneckRole.Bottleneck : BottleneckRole.Control,
        ControlIndex = control < 0 ? null : control,
        Recipe = "explicit",
        Scalars = [.. Enumerable.Range(0, scalars).Select(index => index * 0.5)],
        Interventions =
        [
            new InterventionSpec { Layer = layer, Site = site, Operation = scalars == 0 ? "ZeroAblate" : "Scale", Positions = "All", Channels = [control + 1, control + 2] },
        ],
    };

    private static Measure[] Measures(int which) => which switch
    {
        0 => [Measure.LogLikelihood],
        1 => [Measure.Generation],
        2 => [Measure.LogLikelihood, Measure.Generation],
        _ => [Measure.Perplexity],
    };
}
