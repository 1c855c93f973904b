using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Command: give no more work of the sweep out until it is resumed. Batches that run go on to their end.</summary>
public sealed record PauseSweep
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }
}
