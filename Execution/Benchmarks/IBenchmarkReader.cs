using Sweep.Contracts.Plans;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Execution.Benchmarks;

/// <summary>Reads benchmark files; what is behind it knows formats, prompts and metrics, and no tokens.</summary>
internal interface IBenchmarkReader
{
    /// <param name="kind">"squad", "text", ...</param>
    /// <param name="path">Full path.</param>
    IBenchmarkData Read(string kind, string path);

    /// <param name="path">Full path of a task file.</param>
    /// <param name="find">Full path of a file that the task names.</param>
    /// <param name="seed">Draws examples.</param>
    OpenTask ReadTask(string path, Func<string, string> find, long seed);
}

/// <summary>A task whose files are found, but not its items read.</summary>
/// <param name="DataPath">Full path of the items.</param>
/// <param name="PromptVersion">Stands for the task file, its examples and the seed.</param>
internal sealed record OpenTask(string DataPath, string PromptVersion, Func<IBenchmarkData> Read);

/// <summary>A benchmark file in memory.</summary>
internal interface IBenchmarkData
{
    string PromptVersion { get; }

    string MetricVersion { get; }

    string PrimaryMetric { get; }

    /// <summary>New tokens when the plan does not say.</summary>
    int MaxNewTokens { get; }

    /// <summary>The text itself is scored; nothing is asked.</summary>
    bool IsText { get; }

    /// <summary>Metrics come from the log-likelihoods of an item's continuations; nothing is generated.</summary>
    bool ScoresLikelihoods { get; }

    /// <summary>The golds' perplexity is a figure of this benchmark.</summary>
    bool HasGoldPerplexity { get; }

    /// <summary>Items have gold answers.</summary>
    bool HasGolds { get; }

    /// <summary>Text that ends a generation.</summary>
    IReadOnlyList<string> Stops { get; }

    /// <summary>The items that a plan takes, in their deterministic order; a limit keeps the shares of the splits.</summary>
    IReadOnlyList<BenchmarkItem> Choose(int? limit, SplitPlan split, long seed);

    ItemSplit SplitOf(BenchmarkItem item, SplitPlan split, long seed);

    BenchmarkItem? Find(string id);

    /// <summary>Scores in 0..1 by metric name; an empty response is a response.</summary>
    ResponseScore Score(BenchmarkItem item, byte[] response);

    /// <summary>The same of an item's continuations, in their order.</summary>
    ResponseScore Score(BenchmarkItem item, IReadOnlyList<ContinuationScore> continuations);

    /// <summary>Names of the metrics of a response, so that a row without one can be given its zeros.</summary>
    IReadOnlyList<string> MetricNames { get; }

    /// <summary>Those that are shares of an item's verdicts.</summary>
    IReadOnlyList<string> PooledMetrics { get; }
}

/// <summary>One item as the model meets it: prompt = prefix + context + suffix, of which only the context may be cut.</summary>
internal sealed record BenchmarkItem
{
    public required string Id { get; init; }

    public required string Group { get; init; }

    public required string Prefix { get; init; }

    public required string Context { get; init; }

    public required string Suffix { get; init; }

    /// <summary>Continuations (space + gold or choice + terminator) whose log-likelihood is asked for.</summary>
    public required IReadOnlyList<string> Continuations { get; init; }

    /// <summary>Multiple choice: index of the continuation that is right. Null: each is.</summary>
    public int? Gold { get; init; }

    /// <summary>How many verdicts the pooled metrics are shares of.</summary>
    public int Verdicts { get; init; } = 1;

    /// <summary>Texts that it is made of: a calibration text must have none of them.</summary>
    public required IReadOnlyList<string> Documents { get; init; }
}

/// <summary>A response's scores.</summary>
/// <param name="Metrics">By name, in 0..1.</param>
/// <param name="EmptyNormalized">Gold and response both normalise to nothing.</param>
internal sealed record ResponseScore(IReadOnlyDictionary<string, double> Metrics, bool EmptyNormalized);
