using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Command: stop the sweep for good; its results so far stay. A sweep that has ended stays as it ended.</summary>
public sealed record CancelSweep
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }
}
