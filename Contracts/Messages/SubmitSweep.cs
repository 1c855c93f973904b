using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>
/// Command: run this plan. Exactly one of <see cref="Plan"/> and <see cref="PlanText"/> carries it. Nothing here is required by the type, so that everything that is missing or
/// wrong comes back at once in a <see cref="SweepRejected"/>.
/// </summary>
public sealed record SubmitSweep
{
    /// <summary>The sender's own unique name for this submission, at most 200 characters: a second one under it is the first one's sweep. Default: none.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    /// <summary>The plan as a JSON object with the fields of a plan file.</summary>
    [JsonPropertyName("plan")]
    public JsonElement? Plan { get; init; }

    /// <summary>The plan as the text of a plan file, YAML or JSON.</summary>
    [JsonPropertyName("plan_text")]
    public string? PlanText { get; init; }

    /// <summary>Whose device-seconds it costs, instead of the plan's owner. Default: the plan's.</summary>
    [JsonPropertyName("owner")]
    public string? Owner { get; init; }

    /// <summary>Members that this version does not know; a command with any is rejected, because what it asks for would be left out.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }
}
