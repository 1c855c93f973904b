using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: the sweep is in the store and will run.</summary>
public sealed record SweepSubmitted
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

    [JsonPropertyName("submitted_at")]
    public required DateTimeOffset SubmittedAt { get; init; }
}
