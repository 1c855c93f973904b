using System.Globalization;
using Spectre.Console;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Tests.Output;

/// <summary>Summaries and terminals for tests.</summary>
internal static class Summaries
{
    public const string Model = "small";

    public static SummaryRow Row(string benchmark, string bottleneck, double? scalar = 0.05, double baseline = 0.295, double effect = 0.705, string metric = "em") => new()
    {
        Model = Model,
        Benchmark = benchmark,
        Bottleneck = bottleneck,
        Recipe = "explicit",
        Metric = metric,
        Unit = metric == "log_likelihood" ? ScoreUnit.NatsAnItem : ScoreUnit.Share,
        SelectionItems = 62,
        TestItems = 88,
        TestGroups = 88,
        Scalar = scalar,
        Baseline = baseline,
        Steered = baseline + effect,
        Effect = effect,
        EffectLow = effect - 0.1,
        EffectHigh = effect + 0.1,
        P = 0.00001,
        McNemarP = 0.00001,
        FamilyP = 0.0001,
        Verdict = EffectVerdict.Better,
        LogLikelihoodEffect = 3.75,
        ControlRank = 1,
        Controls = 4,
        ControlP = 0.2,
        PerplexityChange = -0.541,
        MinimumDetectableEffect = 0.1,
        TooFewItems = false,
        Diverged = 0,
    };

    /// <summary>A generated benchmark's cell with this effect on the test split.</summary>
    public static SummaryCell Cell(string benchmark, string bottleneck, double? scalar, double effect, int items = 88, int? control = null) =>
        Cell(benchmark, bottleneck, scalar, control, Measure.Generation, new SplitScores { N = items, Baseline = 0.5, Steered = 0.5 + effect, Effect = effect });

    public static SummaryCell Text(string bottleneck, double? scalar, double perplexity) =>
        Cell("text", bottleneck, scalar, null, Measure.Perplexity, new SplitScores { N = 12, Baseline = -1.4, Steered = -Math.Log(perplexity), Effect = -Math.Log(perplexity) + 1.4, Perplexity = perplexity });

    public static SweepSummary Of(IReadOnlyList<SummaryRow> rows, params SummaryCell[] cells) => new() { SweepId = "small-0123456789", Name = "small", Rows = rows, Cells = cells };

    /// <summary>What is printed on a terminal of this width, without colours; lines without what stands right of them.</summary>
    public static string[] Lines(int width, Action<IAnsiConsole> print) => [.. Printed(width, ColorSystemSupport.NoColors, print).Split('\n').Select(line => line.TrimEnd())];

    public static string Coloured(int width, Action<IAnsiConsole> print) => Printed(width, ColorSystemSupport.EightBit, print);

    private static SummaryCell Cell(string benchmark, string bottleneck, double? scalar, int? control, Measure measure, SplitScores test) => new()
    {
        Model = Model,
        Benchmark = benchmark,
        Bottleneck = bottleneck,
        ControlIndex = control,
        Scalar = scalar,
        Metric = measure == Measure.Perplexity ? "perplexity" : "em",
        Unit = measure == Measure.Perplexity ? ScoreUnit.NatsAToken : ScoreUnit.Share,
        Jobs = new Dictionary<Measure, JobId> { [measure] = new JobId(new string('0', 64)) },
        Splits = new Dictionary<string, SplitScores> { ["test"] = test },
    };

    private static string Printed(int width, ColorSystemSupport colours, Action<IAnsiConsole> print)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = colours,
            Out = new AnsiConsoleOutput(writer),
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        print(console);
        return writer.ToString().Replace("\r", "", StringComparison.Ordinal);
    }
}
