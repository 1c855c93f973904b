using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: every item of the job is in the ledger.</summary>
public sealed record JobCompleted
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

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}
