using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: how far a sweep is. At most one a second a sweep, never stored, lost while the broker is away: a picture, not a record.</summary>
public sealed record SweepProgressed
{
    [JsonPropertyName("sweep_id")]
    public required string SweepId { get; init; }

    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("reason")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Why nothing goes on although it could, for instance that no worker has the kind of device.</summary>
    [JsonPropertyName("hindrance")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hindrance { get; init; }

    /// <summary>The stage of a search that runs now, with how far it is; what is counted is of it. Absent: the sweep itself.</summary>
    [JsonPropertyName("stage")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Stage { get; init; }

    [JsonPropertyName("jobs")]
    public required int Jobs { get; init; }

    /// <summary>(job, item) pairs.</summary>
    [JsonPropertyName("rows_total")]
    public required long RowsTotal { get; init; }

    [JsonPropertyName("rows_done")]
    public required long RowsDone { get; init; }

    [JsonPropertyName("batches_total")]
    public required int BatchesTotal { get; init; }

    [JsonPropertyName("batches_done")]
    public required int BatchesDone { get; init; }

    [JsonPropertyName("batches_leased")]
    public required int BatchesLeased { get; init; }

    /// <summary>Quarantined or faulted.</summary>
    [JsonPropertyName("batches_set_aside")]
    public required int BatchesSetAside { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}
