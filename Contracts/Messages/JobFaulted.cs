using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: the job will not be complete, because a batch of it faulted or was quarantined.</summary>
public sealed record JobFaulted
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }

    [JsonPropertyName("job_id")]
    public required string JobId { get; init; }

    /// <summary>Position in the sweep, from 0.</summary>
    [JsonPropertyName("ordinal")]
    public required int Ordinal { get; init; }

    /// <summary>Model folder as the plan names it.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>The benchmark's kind, for instance "squad".</summary>
    [JsonPropertyName("benchmark")]
    public required string Benchmark { get; init; }

    /// <summary>"LogLikelihood", "Generation" or "Perplexity".</summary>
    [JsonPropertyName("measure")]
    public required string Measure { get; init; }

    /// <summary>"Faulted" or "Quarantined".</summary>
    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}
