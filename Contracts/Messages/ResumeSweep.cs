using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Command: let a paused sweep go on.</summary>
public sealed record ResumeSweep
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }
}
