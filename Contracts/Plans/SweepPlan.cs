namespace Sweep.Contracts.Plans;

/// <summary>What a user asks for: every model × benchmark × bottleneck × scalar, with controls. The same record whether it came from a file, a form or a message.</summary>
public sealed record SweepPlan
{
    /// <summary>Letters, digits, '-', '_' and '.', at most 80.</summary>
    public required string Name { get; init; }

    /// <summary>Model folders in Hugging Face layout, relative to the plan file or a configured root.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    public required IReadOnlyList<BenchmarkPlan> Benchmarks { get; init; }

    public required IReadOnlyList<BottleneckPlan> Bottlenecks { get; init; }

    /// <summary>Scalars of every bottleneck whose operation takes one; 1 (the baseline) is always added. A plan may say "paper" for the 29 of arXiv 2602.22719.</summary>
    public IReadOnlyList<double> Scalars { get; init; } = [];

    public DecodingPlan Decoding { get; init; } = new();

    /// <summary>A plan's text that says nothing of controls has <see cref="ControlsPlan.Usual"/>.</summary>
    public ControlsPlan Controls { get; init; } = new();

    /// <summary>Text behind recipes and means; needed only where a bottleneck asks for one.</summary>
    public CalibrationPlan? Calibration { get; init; }

    /// <summary>How recipes over items measure; null: as <see cref="IdentifyPlan"/> says by default.</summary>
    public IdentifyPlan? Identify { get; init; }

    public SplitPlan Split { get; init; } = new();

    /// <summary>How scalars are searched; null: the full grid.</summary>
    public SearchPlan? Search { get; init; }

    /// <summary>Below what an effect does not matter; null: the defaults of <see cref="SmallestEffectPlan"/>.</summary>
    public SmallestEffectPlan? SmallestEffect { get; init; }

    /// <summary>What is claimed before the run, to be confirmed or refuted by it. Null: nothing.</summary>
    public IReadOnlyList<HypothesisPlan>? Hypotheses { get; init; }

    /// <summary>Longest prompt in tokens; longer contexts are cut, never the question. Null: no limit.</summary>
    public int? ContextLimit { get; init; }

    /// <summary>Seeds item choice, splits, controls and bootstrap. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>"fp32" (default), "bf16", "fp16", or on CUDA devices "tf32": fp32 whose matrix products round their factors to tf32.</summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>Whose device-seconds this costs. Default: "local".</summary>
    public string Owner { get; init; } = "local";

    /// <summary>Higher goes first within an owner. Default: 0.</summary>
    public int Priority { get; init; }

    /// <summary>Share of device-seconds against other sweeps of the owner, above 0. Default: 1.</summary>
    public double Weight { get; init; } = 1;

    public BudgetPlan Budget { get; init; } = new();
}

/// <summary>One benchmark of a plan.</summary>
public sealed record BenchmarkPlan
{
    /// <summary>One of <see cref="PlanWords.Benchmarks"/>.</summary>
    public required string Name { get; init; }

    /// <summary>File in the benchmark's published format; of a task, the task file, which names its own. A plan's text says "task: FILE" for name and data of one.</summary>
    public required string Data { get; init; }

    /// <summary>How this use of it is called in results; default: the benchmark's name. Distinct within a plan.</summary>
    public string? Label { get; init; }

    /// <summary>At most this many items, chosen by hash; null: all.</summary>
    public int? Items { get; init; }

    /// <summary>Plain text only: most tokens that a token is predicted from, instead of all before it. Null: all; the corpus needs one.</summary>
    public int? Window { get; init; }

    /// <summary>With a window: tokens that are scored in each; the fewer, the more context each has. Null: as many as the window, so that windows do not overlap.</summary>
    public int? Stride { get; init; }

    /// <summary>Shares of its items; null: those of the plan.</summary>
    public SplitPlan? Split { get; init; }
}

/// <summary>One bottleneck: layer + site + channels, or several such parts that act together.</summary>
public sealed record BottleneckPlan
{
    /// <summary>Distinct within a plan.</summary>
    public required string Name { get; init; }

    /// <summary>0-based layer; exactly one of layer and depth, unless parts are given.</summary>
    public int? Layer { get; init; }

    /// <summary>Relative depth in [0, 1): layer = floor(depth · layers).</summary>
    public double? Depth { get; init; }

    /// <summary>A site's name, for instance MixerOutput (the default).</summary>
    public string Site { get; init; } = "MixerOutput";

    /// <summary>scale (default), zero_ablate, mean_ablate or add.</summary>
    public string Operation { get; init; } = "scale";

    /// <summary>all (default), prompt, generated or last.</summary>
    public string Positions { get; init; } = "all";

    public ChannelsPlan Channels { get; init; } = new();

    /// <summary>Values of add, one a channel; default: 1 each.</summary>
    public IReadOnlyList<double>? Values { get; init; }

    /// <summary>Scalars of this bottleneck alone, instead of the plan's.</summary>
    public IReadOnlyList<double>? Scalars { get; init; }

    /// <summary>Several parts on one or more layers that share the scalar; then layer, depth and channels stand in the parts.</summary>
    public IReadOnlyList<BottleneckPartPlan>? Parts { get; init; }
}

/// <summary>One part of a bottleneck that acts in several places.</summary>
public sealed record BottleneckPartPlan
{
    public int? Layer { get; init; }

    public double? Depth { get; init; }

    public string Site { get; init; } = "MixerOutput";

    public string Operation { get; init; } = "scale";

    public string Positions { get; init; } = "all";

    public ChannelsPlan Channels { get; init; } = new();

    public IReadOnlyList<double>? Values { get; init; }
}

/// <summary>Which channels: exactly one of explicit, all, top (with by), random (with seeds) and file.</summary>
public sealed record ChannelsPlan
{
    public IReadOnlyList<int>? Explicit { get; init; }

    public bool All { get; init; }

    /// <summary>The top so many channels by the score named in <see cref="By"/>, over the calibration text or over items.</summary>
    public int? Top { get; init; }

    /// <summary>
    /// variance: population variance over texts of the time-mean of the activation (method of arXiv 2602.22719). mean_absolute, kurtosis: over all positions of the texts.
    /// scaling, ablation, mean_ablation: what scaling or zeroing the channel alone, or setting it to its mean over the texts, does to the gold log-likelihood on items of the selection
    /// split (docs/identify.md).
    /// </summary>
    public string? By { get; init; }

    /// <summary>So many channels drawn at random without replacement, once for each seed.</summary>
    public int? Random { get; init; }

    public IReadOnlyList<long>? Seeds { get; init; }

    /// <summary>A <see cref="BottleneckFile"/>, which says layer, site and channels.</summary>
    public string? File { get; init; }
}

/// <summary>What is measured of every item.</summary>
public sealed record DecodingPlan
{
    /// <summary>Teacher-forced log-likelihood of the gold. Default: true.</summary>
    public bool LogLikelihood { get; init; } = true;

    /// <summary>Greedy generation and the benchmark's official metric. Default: true.</summary>
    public bool Generate { get; init; } = true;

    /// <summary>Longest generation in tokens; null: the benchmark's own.</summary>
    public int? MaxNewTokens { get; init; }
}

/// <summary>Text that recipes and means are computed over.</summary>
public sealed record CalibrationPlan
{
    /// <summary>Plain text, or jsonl of {id, half, text}.</summary>
    public required string Data { get; init; }

    /// <summary>Documents with this half only; null: all.</summary>
    public string? Half { get; init; }

    /// <summary>At most this many documents. Default: 50.</summary>
    public int Documents { get; init; } = 50;

    /// <summary>Each document is cut at this many tokens. Default: 512.</summary>
    public int MaxTokens { get; init; } = 512;
}

/// <summary>Recipes over items: on items of the plan's benchmarks that have golds, of their selection split alone.</summary>
public sealed record IdentifyPlan
{
    /// <summary>At most this many items of each benchmark. Default: 50.</summary>
    public int Items { get; init; } = 50;

    /// <summary>What scaling multiplies a channel by. Default: 0.5 and 2.</summary>
    public IReadOnlyList<double> Scalars { get; init; } = [0.5, 2];
}

/// <summary>Shares of the items by hash of their group; what is left of 1 is the test split. Or folds in their place.</summary>
public sealed record SplitPlan
{
    public const int MostFolds = 100;

    /// <summary>Default: 0.5.</summary>
    public double Selection { get; init; } = 0.5;

    /// <summary>Default: 0.</summary>
    public double Validation { get; init; }

    /// <summary>
    /// Every item is reported, and scalars are cross-fitted: groups are dealt into so many folds, at least 2, and each fold is reported at the scalar that is best on the others. Null: shares.
    /// Plain text, on which nothing is chosen, has no folds.
    /// </summary>
    public int? Folds { get; init; }
}

/// <summary>The smallest effect of interest: whatever is shown to be smaller, either way, is equivalent to no steering.</summary>
public sealed record SmallestEffectPlan
{
    /// <summary>Of scores in percent. Default: 2.</summary>
    public double Points { get; init; } = 2;

    /// <summary>Of benchmarks that are scored by log-likelihood, nats an item. Default: 0.1.</summary>
    public double Nats { get; init; } = 0.1;
}

/// <summary>Limits after which a sweep stops by itself.</summary>
public sealed record BudgetPlan
{
    public int? Jobs { get; init; }

    public double? DeviceSeconds { get; init; }
}
