using Sweep.Contracts.Store;

namespace Sweep.Persistence.Tests.Stores;

/// <summary>Events as one readable line each.</summary>
internal sealed class RecordedEvents : ISweepEvents
{
    private int _made;

    public IEnumerable<OutboxEvent> OnSubmitted(SweepRecord sweep) => One("submitted", $"{sweep.Id} {sweep.State} key {sweep.SubmitKey ?? "none"}");

    public IEnumerable<OutboxEvent> OnStateChanged(SweepStateChange change) =>
        One("state", $"{change.Sweep.Id} {change.Sweep.State} {(change.Resolved ? "resolved" : "unresolved")} {change.Sweep.Reason ?? "no reason"}");

    public IEnumerable<OutboxEvent> OnJobEnded(JobEnd job) => One("job", $"{job.SweepId} {job.Ordinal} {job.Job.Id.Value[..8]} {job.Benchmark} {job.Outcome} {job.Reason ?? "no reason"}");

    public IEnumerable<OutboxEvent> OnBatchSetAside(BatchEnd batch) =>
        One("batch", $"{batch.BatchId} {batch.Status} {batch.Reason} attempts {batch.Attempts} failed {batch.FailedAttempts} by {batch.WorkerId}");

    private IEnumerable<OutboxEvent> One(string kind, string text) => [new OutboxEvent($"event-{Interlocked.Increment(ref _made)}", kind, text)];
}
