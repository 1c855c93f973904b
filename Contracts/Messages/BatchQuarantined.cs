using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: a batch was given up after too many failed attempts; the sweep goes on without it.</summary>
public sealed record BatchQuarantined
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }

    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>Grants.</summary>
    [JsonPropertyName("attempts")]
    public required int Attempts { get; init; }

    /// <summary>Of these, ended by a killed or failed worker.</summary>
    [JsonPropertyName("failed_attempts")]
    public required int FailedAttempts { get; init; }

    /// <summary>The worker of the last attempt.</summary>
    [JsonPropertyName("worker_id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WorkerId { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}
