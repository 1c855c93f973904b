using Sweep.Contracts.Plans;

namespace Sweep.Dashboard.Actions;

/// <summary>How an action ended.</summary>
public enum ActionKind
{
    Done,

    /// <summary>The plan is wrong, as <see cref="ActionOutcome.Problems"/> say.</summary>
    Invalid,

    /// <summary>The role does not allow it, or the user or token is none any more.</summary>
    Denied,

    /// <summary>There is no such sweep.</summary>
    NotFound,

    /// <summary>The sweep is in no state for it, or the key means another one.</summary>
    Conflict,

    /// <summary>Store or silos did not answer; it may be tried again.</summary>
    Unavailable,
}

/// <summary>What became of something that somebody asked for.</summary>
public sealed record ActionOutcome
{
    public required ActionKind Kind { get; init; }

    /// <summary>The sweep that it is about; null: there is none.</summary>
    public string? SweepId { get; init; }

    /// <summary>What was found and expected where it is not done.</summary>
    public string? Message { get; init; }

    /// <summary>Of a submission: the sweep was not there before.</summary>
    public bool Created { get; init; }

    /// <summary>Of a plan, each with its place.</summary>
    public IReadOnlyList<PlacedProblem> Problems { get; init; } = [];

    internal static ActionOutcome Done(string sweepId) => new() { Kind = ActionKind.Done, SweepId = sweepId };

    internal static ActionOutcome Not(ActionKind kind, string message, string? sweepId = null) => new() { Kind = kind, Message = message, SweepId = sweepId };
}
