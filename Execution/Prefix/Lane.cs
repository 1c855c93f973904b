using Sweep.Models.Steering;

namespace Sweep.Execution.Prefix;

/// <summary>A row of interventions, and where in the model its activations first differ from the identity's.</summary>
internal sealed class SteeredRow(RowSteering steering)
{
    public RowSteering Steering { get; } = steering;

    /// <summary>Lowest place that differs while the prompt is read; null: the prompt is the identity's.</summary>
    public ForkPoint? PromptFork { get; } = Lowest(steering, PositionScope.Generated);

    /// <summary>Lowest place that differs on tokens after the prompt, whose states the prompt's interventions have already changed; null: nowhere, ever.</summary>
    public ForkPoint? LaterFork { get; } = Lowest(steering, null);

    private static ForkPoint? Lowest(RowSteering steering, PositionScope? except) => steering.Interventions
        .Where(intervention => intervention.Positions != except)
        .Select(intervention => new ForkPoint(intervention.Layer, intervention.Site == Site.Gate ? Site.SsmOutput : intervention.Site))
        .Order()
        .Cast<ForkPoint?>()
        .FirstOrDefault();
}

/// <summary>A site of a layer, ordered by when a pass computes it; Gate counts as SsmOutput, whose tensors are there at the same time.</summary>
internal readonly record struct ForkPoint(int Layer, Site Site) : IComparable<ForkPoint>
{
    private static readonly Site[] InOrder = [.. SteerableSites.All];
    private static readonly int[] Order = [.. Enum.GetValues<Site>().Select(site => Array.IndexOf(InOrder, site))];

    /// <summary>One number by which they are ordered; none is negative.</summary>
    public int Key => (Layer * InOrder.Length) + Order[(int)Site];

    public int CompareTo(ForkPoint other) => Key.CompareTo(other.Key);
}

/// <summary>One row under one prompt (the trunk: the identity under it), and what it has come to so far.</summary>
internal sealed class Lane
{
    public required PromptRequest Prompt { get; init; }

    /// <summary>Null for the trunk.</summary>
    public required SteeredRow? Row { get; init; }

    /// <summary>The identity's lane under the same prompt; itself for the trunk.</summary>
    public Lane Trunk { get => field ?? this; init; }

    /// <summary>Of the prompt.</summary>
    public InterventionMeter Meter { get; } = new();

    public InterventionMeter ContinuationMeter { get; } = new();

    public InterventionMeter GenerationMeter { get; } = new();

    /// <summary>In the prompt.</summary>
    public Divergence? Diverged { get; private set; }

    public Divergence? ContinuationDiverged { get; private set; }

    public Divergence? GenerationDiverged { get; private set; }

    /// <summary>After the prompt: log-probability of each continuation's first token, the greedy next token, KL from the trunk's next token.</summary>
    public ScoredPosition? Next { get; set; }

    public double? PromptLogLikelihood { get; set; }

    public double?[] LogLikelihoods { get; set; } = [];

    public bool[] AreGreedy { get; set; } = [];

    public List<int> Generated { get; } = [];

    public bool GenerationTruncated { get; set; }

    public bool GenerationEnded { get; set; }

    /// <summary>What decoding chose last; null until its first step.</summary>
    public int? Chosen { get; set; }

    /// <summary>
    /// In decoding: a lane under the same prompt that has emitted the same tokens, so that everything below this lane's fork is the leader's; itself when it goes on alone.
    /// </summary>
    public Lane Leader { get => field ?? Trunk; set; }

    /// <summary>The leader of the step before: what this lane has no states of its own for, that one has.</summary>
    public Lane FormerLeader { get => field ?? Trunk; private set; }

    /// <summary>Its row of the state in decoding, where rows of a pass may lie anywhere.</summary>
    public int Slot { get; set; }

    /// <summary>From where on it has states of its own there; null: it has none yet.</summary>
    public LayerPlace? OwnsFrom { get; set; }

    /// <summary>Follows another leader from the next step on.</summary>
    public void Follow(Lane leader) => (FormerLeader, Leader) = (Leader, leader);

    public bool IsTrunk => Row is null;

    /// <summary>It reads its tokens from the embedding on: the trunk, or a row that runs without one.</summary>
    public bool IsRoot => ReferenceEquals(Trunk, this);

    public void Diverge(int layer, int step) => Diverged ??= new(layer, step);

    /// <summary>Of several continuations the earliest step counts, and there the lowest layer.</summary>
    public void DivergeInContinuation(int layer, int step)
    {
        if (ContinuationDiverged is not { } known || (step, layer).CompareTo((known.Step, known.Layer)) < 0)
            ContinuationDiverged = new(layer, step);
    }

    public void DivergeInGeneration(int layer, int step) => GenerationDiverged ??= new(layer, step);

    public RowResult Result(bool asIdentity) => new()
    {
        LogLikelihoods = Diverged is null && ContinuationDiverged is null ? LogLikelihoods : new double?[Prompt.Continuations.Count],
        AreGreedy = AreGreedy,
        PromptLogLikelihood = Diverged is null ? PromptLogLikelihood : null,
        GeneratedTokens = Diverged is null && GenerationDiverged is null && Prompt.Generation is not null ? Generated : null,
        GenerationTruncated = GenerationTruncated && Diverged is null && GenerationDiverged is null,
        Diverged = Diverged,
        ContinuationDiverged = Diverged is null ? ContinuationDiverged : null,
        GenerationDiverged = Diverged is null ? GenerationDiverged : null,
        Receipt = asIdentity
            ? new() { PositionsTouched = 0, NextTokenKl = Diverged is null ? 0 : null }
            : new()
            {
                PositionsTouched = Meter.PositionsTouched,
                ContinuationPositionsTouched = ContinuationMeter.PositionsTouched,
                GeneratedPositionsTouched = GenerationMeter.PositionsTouched,
                OnTargetMinimum = Finite(Meter.OnTargetMinimum),
                OnTargetMaximum = Finite(Meter.OnTargetMaximum),
                OffTargetDeviation = Finite(Meter.OffTargetDeviation),
                RelativeChange = Finite(Meter.RelativeChange),
                NextTokenKl = Diverged is null && Trunk.Diverged is null ? Next?.Kl ?? 0 : null,
            },
    };

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
