namespace Sweep.Contracts.Store;

/// <summary>A change of a sweep's state that a user may ask for.</summary>
public sealed record SweepTransition
{
    private const string PausedIn = "paused in ";

    private static readonly SweepState[] Working = [SweepState.Submitted, SweepState.Resolving, SweepState.Expanding, SweepState.Running];

    private SweepTransition(IReadOnlyList<SweepState> from, SweepState to, string? reason) => (From, To, Reason) = (from, to, reason);

    public IReadOnlyList<SweepState> From { get; }

    public SweepState To { get; }

    public string? Reason { get; }

    public static SweepTransition Cancel(SweepRecord sweep) => new([.. Working, SweepState.Paused], SweepState.Canceled, "canceled by request");

    /// <summary>The reason remembers how far the sweep was.</summary>
    public static SweepTransition Pause(SweepRecord sweep) => new(Working, SweepState.Paused, PausedIn + sweep.State);

    /// <summary>The earlier phases are quickly passed again; only a sweep that had all its batches goes straight on with them.</summary>
    public static SweepTransition Resume(SweepRecord sweep) =>
        new([SweepState.Paused], sweep.Reason == PausedIn + SweepState.Running ? SweepState.Running : SweepState.Submitted, null);
}
