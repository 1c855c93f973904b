using System.Text.Json.Serialization;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;

namespace Sweep.Contracts.Plans;

/// <summary>Which part an item plays: scalars are chosen on selection, reported on test.</summary>
public enum ItemSplit
{
    Selection,
    Validation,
    Test,
}

/// <summary>Part of a resolved bottleneck.</summary>
public enum BottleneckRole
{
    /// <summary>What the plan asks about.</summary>
    Bottleneck,

    /// <summary>What it is compared with.</summary>
    Control,
}

/// <summary>How a control was made of its bottleneck. Only sets drawn at random are ranked against, each of these kinds by itself.</summary>
public enum ControlKind
{
    /// <summary>A random set of equal size at the same layers and sites.</summary>
    Random,

    /// <summary>A random set of other channels with activations of about the same norm.</summary>
    NormMatched,

    /// <summary>A random set of other channels whose time-means vary about as much over texts.</summary>
    VarianceMatched,

    /// <summary>All channels but the bottleneck's.</summary>
    Complement,

    /// <summary>All channels, scaled alike to the norm that the output has with the bottleneck; its scalars are those factors.</summary>
    EqualNorm,

    /// <summary>The same channels at another layer.</summary>
    OtherLayer,

    /// <summary>A random set of equal size with none of the bottleneck's channels.</summary>
    OtherChannels,
}

/// <summary>A plan after a worker that holds the models and data has looked at them: content hashes, item ids and lengths, explicit channels. A function of the plan and the files alone.</summary>
public sealed record ResolvedPlan
{
    public required IReadOnlyList<ResolvedModel> Models { get; init; }

    public required IReadOnlyList<ResolvedBenchmark> Benchmarks { get; init; }

    /// <summary>Per model: bottlenecks in plan order, each followed by its controls.</summary>
    public required IReadOnlyList<ResolvedBottleneck> Bottlenecks { get; init; }

    /// <summary>See <see cref="JobIdentity.NumericsId"/>.</summary>
    public required string NumericsId { get; init; }

    /// <summary>Of the last stage of a search, and of each of its rounds so far; null: it is a full grid, or the first stage of a screening.</summary>
    public SearchRecord? Search { get; init; }
}

public sealed record ResolvedModel
{
    /// <summary>The folder's name, distinct within the plan.</summary>
    public required string Name { get; init; }

    /// <summary>As the plan names it; of a hub's model with the commit for the revision: hf:ORG/NAME@COMMIT.</summary>
    public required string Path { get; init; }

    /// <summary>Of a hub's model: where it came from and what came. Null: it is a folder.</summary>
    public HubProvenance? Hub { get; init; }

    public required string WeightsHash { get; init; }

    public required string TokenizerHash { get; init; }

    /// <summary>model_type of config.json.</summary>
    public required string ModelType { get; init; }

    /// <summary>Groups that the norm inside its mixers takes the mean over; null: it has no such norm.</summary>
    public int? MixerNormGroups { get; init; }

    /// <summary>What was taken for granted though its folder does not say it; null: nothing.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    public required int Layers { get; init; }

    public required int DModel { get; init; }

    public required int DInner { get; init; }

    /// <summary>Multiply-adds a token of one block.</summary>
    public required long BlockMultiplyAdds { get; init; }

    public required long Parameters { get; init; }
}

public sealed record ResolvedBenchmark
{
    /// <summary>The label in results.</summary>
    public required string Name { get; init; }

    /// <summary>The benchmark's kind, for instance "squad".</summary>
    public required string Kind { get; init; }

    public required string Path { get; init; }

    public required string DataHash { get; init; }

    public required string PromptVersion { get; init; }

    public required string MetricVersion { get; init; }

    /// <summary>Metric of the table, for instance "em", in 0..1, higher is better.</summary>
    public required string PrimaryMetric { get; init; }

    /// <summary>The measure whose rows carry the metrics; null: generation.</summary>
    public Measure? ScoredBy { get; init; }

    /// <summary>The golds' perplexity, exp of minus their mean log-likelihood an item, is a figure of this benchmark; null: it is not.</summary>
    public bool? GoldPerplexity { get; init; }

    /// <summary>Plain text: most tokens that a token is predicted from; null: all before it.</summary>
    public int? Window { get; init; }

    /// <summary>Plain text: tokens that are scored in a window.</summary>
    public int? Stride { get; init; }

    /// <summary>Metrics whose mean over items counts every one of an item's verdicts; null: none.</summary>
    public IReadOnlyList<string>? PooledMetrics { get; init; }

    /// <summary>Measures that this benchmark has and the plan asks for.</summary>
    public required IReadOnlyList<Measure> Measures { get; init; }

    public int? MaxNewTokens { get; init; }

    /// <summary>The measure whose rows carry the metrics, where the plan asks for it; then scores are shares.</summary>
    [JsonIgnore]
    public Measure? MetricMeasure => Measures.Contains(ScoredBy ?? Measure.Generation) ? ScoredBy ?? Measure.Generation : null;

    /// <summary>In the deterministic item order.</summary>
    public required IReadOnlyList<ResolvedItem> Items { get; init; }
}

public sealed record ResolvedItem
{
    public required string Id { get; init; }

    public required string Group { get; init; }

    public required ItemSplit Split { get; init; }

    /// <summary>Of a test item that is cross-fitted: the number of its group's fold. Null: scalars are chosen on the selection split, or not at all.</summary>
    public int? Fold { get; init; }

    /// <summary>How many verdicts the pooled metrics are shares of; null: one.</summary>
    public int? Verdicts { get; init; }

    /// <summary>Prompt length in tokens, one a model of the plan, after truncation.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>Length in tokens of the longest gold continuation, of multiple choice of all choices together, one a model; 0 where there is none.</summary>
    public required IReadOnlyList<int> GoldTokens { get; init; }
}

public sealed record ResolvedBottleneck
{
    /// <summary>Index into <see cref="ResolvedPlan.Models"/>.</summary>
    public required int Model { get; init; }

    /// <summary>The plan's name (with the seed for random recipes); a control carries the name of its bottleneck.</summary>
    public required string Name { get; init; }

    public required BottleneckRole Role { get; init; }

    /// <summary>Of a control; null for the bottleneck itself, and in what was resolved when all controls were random.</summary>
    public ControlKind? Kind { get; init; }

    /// <summary>0-based number among the controls of this bottleneck and kind; null for the bottleneck itself.</summary>
    public int? ControlIndex { get; init; }

    /// <summary>How the channels were found, in words, for instance "top 16 by variance".</summary>
    public required string Recipe { get; init; }

    /// <summary>Scalars to run, ascending, with the identity where the operation takes one; empty for ablations.</summary>
    public required IReadOnlyList<double> Scalars { get; init; }

    /// <summary>The interventions with their scalar left open (null).</summary>
    public required IReadOnlyList<InterventionSpec> Interventions { get; init; }

    /// <summary>What an earlier stage of a search chose, by benchmark; plain text has none. Null: every scalar is run, and the summary chooses.</summary>
    public IReadOnlyList<FrozenChoice>? Choices { get; init; }

    /// <summary>In a round of a search: what is run, by benchmark. Null: all scalars.</summary>
    public IReadOnlyList<ScalarsInRound>? Round { get; init; }

    /// <summary>What an earlier stage chose on a benchmark; null: nothing.</summary>
    public FrozenChoice? ChoiceOn(int benchmark) => Choices?.FirstOrDefault(choice => choice.Benchmark == benchmark);

    /// <summary>
    /// What is run on a benchmark: all scalars, or those that are still in or were chosen, and the identity; on plain text, of which no effect of controls is told, all that a bottleneck
    /// is to be told of. An ablation has the one scalar null.
    /// </summary>
    public IEnumerable<double?> ScalarsOn(int benchmark)
    {
        if (Choices is not null && ChoiceOn(benchmark) is null && Role == BottleneckRole.Control)
            return [];
        if (Scalars.Count == 0)
            return [null];
        IReadOnlyList<double>? only = ChoiceOn(benchmark) is { } choice ? [choice.Scalar!.Value] : Round?.FirstOrDefault(round => round.Benchmark == benchmark)?.Scalars;
        return Scalars.Where(scalar => only?.Contains(scalar) != false || PlanExpander.At(this, scalar).Count == 0).Select(scalar => (double?)scalar);
    }
}

/// <summary>A scalar that was chosen on the selection split in an earlier stage of a search, and what is told of the choice.</summary>
public sealed record FrozenChoice
{
    /// <summary>Index into <see cref="ResolvedPlan.Benchmarks"/>.</summary>
    public required int Benchmark { get; init; }

    /// <summary>Null for ablations.</summary>
    public double? Scalar { get; init; }

    /// <summary>Items of the benchmark that it was chosen on; 0: it was chosen on those of the others.</summary>
    public required int SelectionItems { get; init; }

    /// <summary>Scalars that were compared, the identity among them.</summary>
    public required int Tried { get; init; }

    /// <summary>Items that diverged there, each counted once a scalar.</summary>
    public required int Diverged { get; init; }

    /// <summary>Of a bottleneck: what the choice seemed to gain. Null: there is no saying, or it is a control.</summary>
    public SelectionGain? Gain { get; init; }

    /// <summary>Of a search in rounds: every scalar that was tried, in the order in which they were dropped; the identity is none. Null: all were tried on all the items.</summary>
    public IReadOnlyList<ScalarTrial>? Trials { get; init; }
}
