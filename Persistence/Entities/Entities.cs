namespace Sweep.Persistence.Entities;

internal sealed class SweepEntity
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string Owner { get; set; }

    /// <summary>Canonical JSON.</summary>
    public required string Plan { get; set; }

    public required string PlanText { get; set; }

    /// <summary>JSON; null until a worker has resolved the plan.</summary>
    public string? Resolution { get; set; }

    public string? Summary { get; set; }

    public required string State { get; set; }

    public string? Reason { get; set; }

    public required DateTimeOffset SubmittedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Rows that came under a stale token and were not written.</summary>
    public int LateWrites { get; set; }

    /// <summary>The sender's unique name for the submission.</summary>
    public string? SubmitKey { get; set; }
}

/// <summary>A job's identity only; sweeps share it.</summary>
internal sealed class JobEntity
{
    public long Key { get; set; }

    public required string JobId { get; set; }

    public required string Spec { get; set; }
}

/// <summary>An item's id, once, so that the ledger holds numbers.</summary>
internal sealed class ItemEntity
{
    public long Key { get; set; }

    public required string ItemId { get; set; }
}

internal sealed class SweepJobEntity
{
    public required string SweepId { get; set; }

    public required int Ordinal { get; set; }

    public required long JobKey { get; set; }

    public required int Benchmark { get; set; }

    /// <summary>Batches of this sweep with this job that have not ended.</summary>
    public int OpenBatches { get; set; }

    /// <summary>Null while batches are open; then Completed, or how a batch ended that was set aside.</summary>
    public string? Outcome { get; set; }

    public string? Reason { get; set; }
}

internal sealed class BatchEntity
{
    public required string Id { get; set; }

    public required string SweepId { get; set; }

    public required int Number { get; set; }

    /// <summary>JSON: job ids, item ids, micro-batches.</summary>
    public required string Payload { get; set; }

    public required string WeightsHash { get; set; }

    public required int Rows { get; set; }

    public required string Status { get; set; }

    public required long Token { get; set; }

    public required int Attempts { get; set; }

    public required int FailedAttempts { get; set; }

    public string? WorkerId { get; set; }

    public string? Reason { get; set; }
}

/// <summary>One grant of a batch.</summary>
internal sealed class AttemptEntity
{
    public required string BatchId { get; set; }

    public required long Token { get; set; }

    public required string SweepId { get; set; }

    public required string WorkerId { get; set; }

    public required DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How it ended; null while it lasts, and for ever when its process was killed and nobody noticed.</summary>
    public string? Outcome { get; set; }

    public string? Reason { get; set; }

    public int RowsAccepted { get; set; }

    public int RowsShared { get; set; }

    public int RowsRejected { get; set; }

    public long Tokens { get; set; }

    public double DeviceSeconds { get; set; }
}

/// <summary>A row of the ledger.</summary>
internal sealed class ItemResultEntity
{
    public required long JobKey { get; set; }

    public required long ItemKey { get; set; }

    /// <summary>See <see cref="Ledger.AttemptMark"/>; null in rows of versions before there was one.</summary>
    public long? Attempt { get; set; }

    public required string PromptHash { get; set; }

    public byte[]? Response { get; set; }

    /// <summary>JSON object, ordinal order.</summary>
    public required string Metrics { get; set; }

    public double? LogLikelihood { get; set; }

    public int? LogLikelihoodTokens { get; set; }

    /// <summary>JSON array.</summary>
    public string? GoldLogLikelihoods { get; set; }

    public required int Flags { get; set; }

    public int? DivergedLayer { get; set; }

    public int? DivergedStep { get; set; }

    public required int PositionsTouched { get; set; }

    public double? OnTargetMinimum { get; set; }

    public double? OnTargetMaximum { get; set; }

    public double? OffTargetDeviation { get; set; }

    public double? RelativeChange { get; set; }

    public double? NextTokenKl { get; set; }

    /// <summary>JSON object, ordinal order: the metrics of the unsteered row beside this one. Null: the row has no pair.</summary>
    public string? PairMetrics { get; set; }

    public double? PairLogLikelihood { get; set; }
}

internal sealed class ArtifactEntity
{
    public required string Key { get; set; }

    public required byte[] Content { get; set; }

    /// <summary>To the day: when it was last saved or asked for.</summary>
    public DateTimeOffset UsedAt { get; set; }
}

/// <summary>An event that waits to be sent.</summary>
internal sealed class OutboxEntity
{
    public long Id { get; set; }

    public required string MessageId { get; set; }

    public required string Kind { get; set; }

    /// <summary>JSON.</summary>
    public required string Payload { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required int Attempts { get; set; }

    /// <summary>Not to be taken before: a claim or a pause after a failure.</summary>
    public required DateTimeOffset NextAt { get; set; }

    public string? LastError { get; set; }
}

/// <summary>A message that was handled.</summary>
internal sealed class InboxEntity
{
    public required string MessageId { get; set; }

    public required string Consumer { get; set; }

    public required DateTimeOffset ReceivedAt { get; set; }
}

/// <summary>The one row that says what this schema is and who may use it.</summary>
internal sealed class SchemaInfoEntity
{
    public required int Version { get; set; }

    public required int OldestCompatible { get; set; }
}
