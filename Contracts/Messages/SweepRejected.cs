using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Event: a command was refused, or a sweep whose plan names what cannot be used; with every problem at once.</summary>
public sealed record SweepRejected
{
    /// <summary>"submit-sweep", "run-experiment", "cancel-sweep", "pause-sweep" or "resume-sweep".</summary>
    [JsonPropertyName("command")]
    public required string Command { get; init; }

    /// <summary>Message id of the command; absent where it had none, or where a stored sweep is refused.</summary>
    [JsonPropertyName("command_id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CommandId { get; init; }

    [JsonPropertyName("key")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>Absent where no sweep came of it.</summary>
    [JsonPropertyName("sweep_id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SweepId { get; init; }

    /// <summary>Each with its place, what was found and what was expected.</summary>
    [JsonPropertyName("problems")]
    public required IReadOnlyList<string> Problems { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }
}
