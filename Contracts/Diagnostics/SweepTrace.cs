using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Sweep.Contracts.Diagnostics;

/// <summary>
/// One trace a sweep, from its submission to its ledger rows. The trace's ids are a hash of the sweep's id, so that every process, also one that takes a sweep up after a
/// failover, continues the same trace without having been told.
/// </summary>
public static class SweepTrace
{
    /// <summary>Name of the source of these spans.</summary>
    public const string SourceName = "Sweep";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The context that all spans of a sweep descend from.</summary>
    public static ActivityContext ContextOf(string sweepId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"sweep-trace/1\n{sweepId}"));
        return new ActivityContext(ActivityTraceId.CreateFromBytes(hash.AsSpan(0, 16)), ActivitySpanId.CreateFromBytes(hash.AsSpan(16, 8)), ActivityTraceFlags.Recorded, isRemote: true);
    }

    /// <summary>
    /// Begins a span of the sweep, below the current one where that is of the same sweep. A current span of something else (a request, a message) is linked.
    /// Null where nobody listens.
    /// </summary>
    public static Activity? Start(string name, string sweepId, ActivityKind kind = ActivityKind.Internal)
    {
        if (!Source.HasListeners())
            return null;
        var root = ContextOf(sweepId);
        var current = Activity.Current;
        var isOurs = current is not null && current.TraceId == root.TraceId;
        var links = current is null || isOurs ? null : new[] { new ActivityLink(current.Context) };
        var activity = Source.StartActivity(name, kind, isOurs ? current!.Context : root, tags: null, links);
        activity?.SetTag("sweep.id", sweepId);
        return activity;
    }

    /// <summary>Marks the span as failed.</summary>
    public static void Fail(this Activity? activity, string reason) => activity?.SetStatus(ActivityStatusCode.Error, reason);
}
