namespace Sweep.Dashboard.Live;

/// <summary>A snapshot as parameters of components carry it: they are public, what is behind it is not.</summary>
public sealed class SweepView
{
    internal SweepView(SweepSnapshot snapshot) => Snapshot = snapshot;

    internal SweepSnapshot Snapshot { get; }
}
