using Sweep.Models.Steering;

namespace Sweep.Execution.Prefix;

/// <summary>One micro-batch for the model: every prompt under every row of interventions, all in one pass that shares the layers below them.</summary>
public sealed record SteeredBatch
{
    public required IReadOnlyList<PromptRequest> Prompts { get; init; }

    /// <summary>One list of interventions a row, in plan order; the empty list is the identity row. Need not hold the identity row: it is always computed.</summary>
    public required IReadOnlyList<IReadOnlyList<Intervention>> Rows { get; init; }
}

/// <summary>What is asked of one prompt, of every row alike.</summary>
public sealed record PromptRequest
{
    /// <summary>At least one token.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>Continuations whose log-likelihood is asked for, each at least one token; may be empty.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Continuations { get; init; } = [];

    /// <summary>True: also sum log-probabilities of the prompt's own tokens from <see cref="FirstScored"/> on (plain-text perplexity).</summary>
    public bool ScorePrompt { get; init; }

    /// <summary>Position of the first token that is scored; those before it are only read. Default: 1, all that follow from another.</summary>
    public int FirstScored { get; init; } = 1;

    /// <summary>Greedy decoding; null when nothing is to be generated.</summary>
    public GenerationRequest? Generation { get; init; }
}

/// <summary>Greedy generation until a stop token, a stop of the text, or the limit.</summary>
public sealed record GenerationRequest
{
    public required int MaxNewTokens { get; init; }

    /// <summary>Token ids that end a row; the stop token itself is not part of the result.</summary>
    public required IReadOnlySet<int> StopTokens { get; init; }

    /// <summary>Called with the new tokens so far after each; true ends the row (stop strings). Null: never.</summary>
    public Func<IReadOnlyList<int>, bool>? IsFinished { get; init; }
}

/// <summary>What one row answered to one prompt.</summary>
public sealed record RowResult
{
    /// <summary>One sum of log-probabilities (nats) a continuation; all null where the row diverged in the prompt or in any of them.</summary>
    public required IReadOnlyList<double?> LogLikelihoods { get; init; }

    /// <summary>One a continuation: every token of it is the likeliest where it stands, of equals the lowest id. Meaningless where the log-likelihood is null.</summary>
    public IReadOnlyList<bool> AreGreedy { get; init; } = [];

    /// <summary>Sum of log-probabilities (nats) of the prompt's tokens from the first scored on, when asked for.</summary>
    public double? PromptLogLikelihood { get; init; }

    /// <summary>New tokens without the stop token; null when nothing was to be generated or the row diverged in the prompt or here.</summary>
    public IReadOnlyList<int>? GeneratedTokens { get; init; }

    /// <summary>True when generation ended at the limit.</summary>
    public bool GenerationTruncated { get; init; }

    /// <summary>Where NaN or infinity first appeared while the prompt was read; then nothing else has a result. Null when nowhere.</summary>
    public Divergence? Diverged { get; init; }

    /// <summary>The same of the continuations alone; what ran beside a measure is no part of its result.</summary>
    public Divergence? ContinuationDiverged { get; init; }

    /// <summary>The same of the generation alone.</summary>
    public Divergence? GenerationDiverged { get; init; }

    public required InterventionReceipt Receipt { get; init; }
}

/// <summary>A row that left the finite numbers.</summary>
public sealed record Divergence(int Layer, int Step);

/// <summary>
/// Proof that the interventions of a row fired, computed from the tensor that the next operation reads, never from the plan.
/// Norm ratios are ‖channel after‖ / ‖channel before‖ over the touched positions of the prompt, over channels whose norm before is not 0.
/// </summary>
public sealed record InterventionReceipt
{
    /// <summary>Positions × layers touched of the prompt.</summary>
    public required int PositionsTouched { get; init; }

    /// <summary>The same of all continuations together, those that differ in their last token alone counted once; apart, because what ran beside a measure is no part of its receipt.</summary>
    public int ContinuationPositionsTouched { get; init; }

    /// <summary>The same of the generated tokens that were fed back.</summary>
    public int GeneratedPositionsTouched { get; init; }

    /// <summary>Smallest and largest ratio on the steered channels; null for the identity row and for operations that have none.</summary>
    public double? OnTargetMinimum { get; init; }

    public double? OnTargetMaximum { get; init; }

    /// <summary>Largest |ratio − 1| off the steered channels.</summary>
    public double? OffTargetDeviation { get; init; }

    /// <summary>‖after − before‖ / ‖residual stream there‖ over the touched prompt positions, largest over interventions.</summary>
    public double? RelativeChange { get; init; }

    /// <summary>KL(identity ‖ row) of the next token after the prompt, nats.</summary>
    public double? NextTokenKl { get; init; }
}
