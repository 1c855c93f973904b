using System.Globalization;

namespace Sweep.Cluster.Tests.Processes;

/// <summary>Prometheus' text format, as far as a silo writes it.</summary>
internal static class PrometheusText
{
    /// <summary>Values by NAME or NAME{LABEL="VALUE",...}; labels in alphabetical order, those of OpenTelemetry's scope left out.</summary>
    public static IReadOnlyDictionary<string, double> Parse(string text)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var end = line.LastIndexOf('}');
            var words = line[(end + 1)..].Trim().Split(' ');
            var name = end < 0 ? words[0] : line[..line.IndexOf('{', StringComparison.Ordinal)];
            var labels = end < 0 ? "" : line[(name.Length + 1)..end];
            var kept = labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(label => !label.StartsWith("otel_scope", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
            values[kept.Count == 0 ? name : $"{name}{{{string.Join(',', kept)}}}"] = double.Parse(words[end < 0 ? 1 : 0], CultureInfo.InvariantCulture);
        }

        return values;
    }
}
