using System.Globalization;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;

namespace Sweep.Perf.Dispatch;

/// <summary>
/// A plan of any number of jobs in the shape of a real one: bottlenecks with their random controls over the layers of one model, 29 scalars each, on several benchmarks. Nothing of
/// it exists: it is resolved without files.
/// </summary>
internal static class StubPlan
{
    public const int Benchmarks = 10;
    private const int Layers = 24;
    private const int Scalars = 29;
    private const int SetsOfBottleneck = 21;

    public static ResolvedPlan Resolve(StubSweep sweep)
    {
        var cells = sweep.Jobs / Benchmarks - 1;
        return new ResolvedPlan
        {
            NumericsId = "cpu/1",
            Models =
            [
                new ResolvedModel
                {
                    Name = "stub",
                    Path = "stub",
                    WeightsHash = sweep.WeightsHash,
                    TokenizerHash = "tokenizer",
                    ModelType = "mamba",
                    Layers = Layers,
                    DModel = 768,
                    DInner = 1536,
                    BlockMultiplyAdds = 3_700_000,
                    Parameters = 129_000_000,
                },
            ],
            Benchmarks = [.. Enumerable.Range(0, Benchmarks).Select(index => Benchmark(index, sweep.Items))],
            Bottlenecks = [.. Enumerable.Range(0, (cells + Scalars - 1) / Scalars).Select(set => Bottleneck(set, Math.Min(Scalars, cells - set * Scalars)))],
        };
    }

    private static ResolvedBenchmark Benchmark(int index, int items) => new()
    {
        Name = Text($"benchmark-{index}"),
        Kind = "squad",
        Path = "stub",
        DataHash = Text($"data-{index}"),
        PromptVersion = "1",
        MetricVersion = "1",
        PrimaryMetric = "em",
        Measures = [Measure.LogLikelihood],
        Items =
        [
            .. Enumerable.Range(0, items).Select(item => new ResolvedItem
            {
                Id = Text($"benchmark-{index}-item-{item}"),
                Group = Text($"group-{item}"),
                Split = ItemSplit.Test,
                PromptTokens = [100],
                GoldTokens = [4],
            }),
        ],
    };

    private static ResolvedBottleneck Bottleneck(int set, int scalars)
    {
        var (family, member) = (set / SetsOfBottleneck, set % SetsOfBottleneck);
        return new ResolvedBottleneck
        {
            Model = 0,
            Name = Text($"bottleneck-{family}"),
            Role = member == 0 ? BottleneckRole.Bottleneck : BottleneckRole.Control,
            ControlIndex = member == 0 ? null : member - 1,
            Recipe = "top 16 by variance",
            // No identity among them: every scalar is a job.
            Scalars = [.. Enumerable.Range(0, scalars).Select(scalar => 1.5 + scalar)],
            Interventions =
            [
                new InterventionSpec
                {
                    Layer = family % Layers,
                    Site = "MixerOutput",
                    Operation = "Scale",
                    Positions = "All",
                    Channels = [.. Enumerable.Range(0, 16).Select(channel => set * 2 % 500 + channel * 13 + set / 250)],
                },
            ],
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
