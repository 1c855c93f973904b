using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Request: how is the sweep? Answered by a <see cref="SweepStatusReply"/>.</summary>
public sealed record GetSweepStatus
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }
}
