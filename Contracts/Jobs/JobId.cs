using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sweep.Contracts.Jobs;

/// <summary>SHA-256 of a job's canonical encoding, 64 lower-case hexadecimal digits: equal identities have equal ids everywhere and for ever.</summary>
[GenerateSerializer]
[Alias("sweep.JobId")]
[JsonConverter(typeof(JobIdJsonConverter))]
public readonly record struct JobId([property: Id(0)] string Value) : IComparable<JobId>
{
    public int CompareTo(JobId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    /// <summary>The id of an identity.</summary>
    public static JobId Of(JobIdentity identity) => new(Convert.ToHexStringLower(SHA256.HashData(Encode(identity))));

    /// <summary>
    /// Version 1: UTF-8 lines "name=value", in fixed order, strings as JSON, numbers in the invariant round-trip form; fields that came later have a line only where they say something; a change of meaning takes a new version line.
    /// </summary>
    public static byte[] Encode(JobIdentity identity)
    {
        var text = new StringBuilder("sweep-job/1\n");
        Line("weights", Quote(identity.WeightsHash));
        Line("tokenizer", Quote(identity.TokenizerHash));
        Line("benchmark", Quote(identity.Benchmark));
        Line("data", Quote(identity.DataHash));
        Line("prompt_version", Quote(identity.PromptVersion));
        Line("metric_version", Quote(identity.MetricVersion));
        Line("context_limit", identity.ContextLimit?.ToString(CultureInfo.InvariantCulture) ?? "none");
        Line("measure", identity.Measure.ToString());
        Line("max_new_tokens", identity.MaxNewTokens?.ToString(CultureInfo.InvariantCulture) ?? "none");
        if (identity.Window is { } window)
        {
            Line("window", window.ToString(CultureInfo.InvariantCulture));
            Line("stride", (identity.Stride ?? window).ToString(CultureInfo.InvariantCulture));
        }

        Line("precision", Quote(identity.Precision));
        Line("numerics", Quote(identity.NumericsId));
        foreach (var intervention in identity.Interventions)
        {
            Line("intervention", string.Create(CultureInfo.InvariantCulture, $"{intervention.Layer} {intervention.Site} {intervention.Operation} {intervention.Positions}"));
            Line("  channels", string.Join(',', intervention.Channels));
            Line("  scalar", intervention.Scalar?.ToString("R", CultureInfo.InvariantCulture) ?? "none");
            Line("  values", intervention.Values is { } values ? string.Join(',', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture))) : "none");
        }

        return Encoding.UTF8.GetBytes(text.ToString());

        void Line(string name, string value) => text.Append(name).Append('=').Append(value).Append('\n');
        static string Quote(string value) => JsonSerializer.Serialize(value);
    }
}

internal sealed class JobIdJsonConverter : JsonConverter<JobId>
{
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override JobId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WritePropertyName(value.Value);
}
