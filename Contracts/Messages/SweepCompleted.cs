using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: the sweep has ended, whichever way.</summary>
public sealed record SweepCompleted
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("owner")]
    public required string Owner { get; init; }

    [JsonPropertyName("key")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>"Completed", "Canceled" or "Faulted".</summary>
    [JsonPropertyName("state")]
    public required string State { get; init; }

    /// <summary>Why it was canceled or faulted, or what a completed one lacks.</summary>
    [JsonPropertyName("reason")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    [JsonPropertyName("submitted_at")]
    public required DateTimeOffset SubmittedAt { get; init; }

    [JsonPropertyName("finished_at")]
    public required DateTimeOffset FinishedAt { get; init; }
}
