using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sweep.Contracts.Messages;

/// <summary>Command: run the plan that a named template makes of these parameters. What is missing or wrong comes back in a <see cref="SweepRejected"/>.</summary>
public sealed record RunExperiment
{
    /// <summary>A template's name: letters, digits, '-', '_' and '.'; the silos hold the templates.</summary>
    [JsonPropertyName("template")]
    public string? Template { get; init; }

    /// <summary>By the names that the template declares: text, numbers, true or false, or lists of numbers.</summary>
    [JsonPropertyName("parameters")]
    public Dictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>As in <see cref="SubmitSweep"/>.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    /// <summary>As in <see cref="SubmitSweep"/>.</summary>
    [JsonPropertyName("owner")]
    public string? Owner { get; init; }

    /// <summary>Members that this version does not know; a command with any is rejected, because what it asks for would be left out.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }
}
