using System.Text.Json;
using Sweep.Contracts.Store;

namespace Sweep.Contracts.Messages;

/// <summary>The store's changes as messages, for its outbox.</summary>
public sealed class SweepEvents(TimeProvider time) : ISweepEvents
{
    private const string NoReason = "no reason was given";

    public IEnumerable<OutboxEvent> OnSubmitted(SweepRecord sweep) =>
    [
        Of(new SweepSubmitted { SweepId = sweep.Id, Name = sweep.Plan.Name, Owner = sweep.Plan.Owner, Key = sweep.SubmitKey, SubmittedAt = sweep.SubmittedAt }),
    ];

    public IEnumerable<OutboxEvent> OnStateChanged(SweepStateChange change)
    {
        var sweep = change.Sweep;
        if (sweep.State is not (SweepState.Completed or SweepState.Canceled or SweepState.Faulted))
            yield break;
        if (sweep.State == SweepState.Faulted && !change.Resolved)
        {
            yield return Of(new SweepRejected
            {
                Command = MessageNames.Of<SubmitSweep>(),
                SweepId = sweep.Id,
                Key = sweep.SubmitKey,
                Problems = (sweep.Reason ?? NoReason).Split('\n'),
                At = time.GetUtcNow(),
            });
        }

        yield return Of(new SweepCompleted
        {
            SweepId = sweep.Id,
            Name = sweep.Plan.Name,
            Owner = sweep.Plan.Owner,
            Key = sweep.SubmitKey,
            State = sweep.State.ToString(),
            Reason = sweep.Reason,
            SubmittedAt = sweep.SubmittedAt,
            FinishedAt = sweep.FinishedAt ?? time.GetUtcNow(),
        });
    }

    public IEnumerable<OutboxEvent> OnJobEnded(JobEnd job)
    {
        var identity = job.Job.Identity;
        if (job.Outcome == BatchStatus.Completed)
        {
            yield return Of(new JobCompleted
            {
                SweepId = job.SweepId,
                JobId = job.Job.Id.Value,
                Ordinal = job.Ordinal,
                Model = job.Job.ModelPath,
                Benchmark = identity.Benchmark,
                Measure = identity.Measure.ToString(),
                At = time.GetUtcNow(),
            });
        }
        else if (job.Outcome is BatchStatus.Faulted or BatchStatus.Quarantined)
        {
            yield return Of(new JobFaulted
            {
                SweepId = job.SweepId,
                JobId = job.Job.Id.Value,
                Ordinal = job.Ordinal,
                Model = job.Job.ModelPath,
                Benchmark = identity.Benchmark,
                Measure = identity.Measure.ToString(),
                Outcome = job.Outcome.ToString(),
                Reason = job.Reason ?? NoReason,
                At = time.GetUtcNow(),
            });
        }
    }

    /// <summary>A batch that faulted is told of by its jobs, one of a canceled sweep by the sweep.</summary>
    public IEnumerable<OutboxEvent> OnBatchSetAside(BatchEnd batch)
    {
        if (batch.Status != BatchStatus.Quarantined)
            yield break;
        yield return Of(new BatchQuarantined
        {
            SweepId = batch.SweepId,
            BatchId = batch.BatchId,
            Reason = batch.Reason ?? NoReason,
            Attempts = batch.Attempts,
            FailedAttempts = batch.FailedAttempts,
            WorkerId = batch.WorkerId,
            At = time.GetUtcNow(),
        });
    }

    /// <summary>The message as it waits in an outbox, with an id of its own.</summary>
    public static OutboxEvent Of<T>(T message)
        where T : class => new(Guid.CreateVersion7().ToString(), MessageNames.Of<T>(), JsonSerializer.Serialize(message, MessageJson.Options));
}
