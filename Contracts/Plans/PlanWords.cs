namespace Sweep.Contracts.Plans;

/// <summary>The words a plan may use, in the order messages list them.</summary>
public static class PlanWords
{
    /// <summary>The word that stands for <see cref="PaperScalars"/>.</summary>
    public const string Paper = "paper";

    /// <summary>The word that switches controls off.</summary>
    public const string Off = "off";

    /// <summary>The word for <see cref="ControlsPlan.Strict"/>.</summary>
    public const string Strict = "strict";

    /// <summary>What a hypothesis compares with unless it says otherwise.</summary>
    public const string Baseline = "baseline";

    /// <summary>A hypothesis about ranks.</summary>
    public const string OfControls = "controls";

    /// <summary>The direction of a gain.</summary>
    public const string Better = "better";

    /// <summary>The benchmark that a task file describes.</summary>
    public const string Task = "task";

    /// <summary>The word for every channel of a site.</summary>
    public const string AllChannels = "all";

    public static IReadOnlyList<string> Benchmarks { get; } = ["squad", "triviaqa", "drop", "musique", "ruler", "ifeval", "text", "arc", "piqa", "hellaswag", "choice", "lambada", "corpus", Task];

    /// <summary>Benchmarks of plain text, which may be read in windows.</summary>
    public static IReadOnlyList<string> Texts { get; } = ["text", "corpus"];

    /// <summary>Benchmarks that are scored by log-likelihood alone, whatever decoding says.</summary>
    public static IReadOnlyList<string> Likelihoods { get; } = ["arc", "piqa", "hellaswag", "choice", "lambada"];

    public static IReadOnlyList<string> Sites { get; } =
    [
        "ResidualPre", "NormalizedInput", "InProjection", "Gate", "Convolution", "SsmInput", "Delta", "SsmState", "SsmOutput",
        "GatedOutput", "MixerOutput", "ResidualPost",
    ];

    public static IReadOnlyList<string> Operations { get; } = ["scale", "zero_ablate", "mean_ablate", "add"];

    public static IReadOnlyList<string> Positions { get; } = ["all", "prompt", "generated", "last"];

    /// <summary>What a hypothesis may claim.</summary>
    public static IReadOnlyList<string> Directions { get; } = [Better, "worse", "equivalent"];

    public static IReadOnlyList<string> Opponents { get; } = [Baseline, OfControls];

    public static IReadOnlyList<string> Precisions { get; } = ["fp32", "tf32", "bf16", "fp16"];

    public static IReadOnlyList<string> Searches { get; } = [SearchPlan.Grid, SearchPlan.Screening, SearchPlan.Racing, SearchPlan.Curve];

    /// <summary>A score of <see cref="ItemScores"/> that needs the calibration text, too: for the means.</summary>
    public const string MeanAblation = "mean_ablation";

    /// <summary>Scores that a top recipe can rank channels by.</summary>
    public static IReadOnlyList<string> ChannelScores { get; } = ["variance", "mean_absolute", "kurtosis", "scaling", "ablation", MeanAblation];

    /// <summary>Those of <see cref="ChannelScores"/> that are measured on items of the selection split; the others are of the calibration text.</summary>
    public static IReadOnlyList<string> ItemScores { get; } = ["scaling", "ablation", MeanAblation];

    /// <summary>The factor grid of arXiv 2602.22719: 29 values from 0.1 to 100.</summary>
    public static IReadOnlyList<double> PaperScalars { get; } =
    [
        0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90, 100,
    ];

    /// <summary>True for the operations that take a scalar.</summary>
    public static bool TakesScalar(string operation) => operation is "scale" or "add";

    /// <summary>The list for a message: "a, b or c"; of a plan that has none of what is named: "none".</summary>
    internal static string OneOf(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "none",
        1 => words[0],
        _ => string.Join(", ", words.Take(words.Count - 1)) + " or " + words[^1],
    };
}
