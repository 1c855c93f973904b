namespace Sweep.Dashboard.Live;

/// <summary>Which sweeps run where this dashboard is: to ask the coordinator of another one would take it up.</summary>
public sealed class LiveScope
{
    private readonly HashSet<string>? _only;

    private LiveScope(HashSet<string>? only) => _only = only;

    /// <summary>Whatever is unfinished is taken up here anyway.</summary>
    public static LiveScope Everything { get; } = new(null);

    /// <summary>These alone; what else is unfinished waits until it is asked for.</summary>
    public static LiveScope Only(IEnumerable<string> sweepIds) => new([.. sweepIds]);

    public bool Includes(string sweepId) => _only?.Contains(sweepId) != false;
}
