using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Command: give no more work of the sweep out until it is resumed. Running micro-batches end and are recorded.</summary>
public sealed record PauseSweep
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }
}
