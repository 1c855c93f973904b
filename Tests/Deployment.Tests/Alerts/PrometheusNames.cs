using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace Sweep.Deployment.Tests.Alerts;

/// <summary>What Prometheus calls an instrument; compared with the exporter itself in <see cref="PrometheusNamesTests"/>.</summary>
internal static partial class PrometheusNames
{
    private static readonly Dictionary<string, string> Units = new() { ["s"] = "seconds", ["By"] = "bytes" };

    /// <summary>Names of its series: one, or a histogram's three.</summary>
    public static IEnumerable<string> Of(Instrument instrument)
    {
        var name = NoName().Replace(instrument.Name, "_");
        if (Unit(instrument.Unit) is { Length: > 0 } unit && !name.EndsWith($"_{unit}", StringComparison.Ordinal))
            name += $"_{unit}";
        var kind = instrument.GetType().Name;
        if (kind.StartsWith("Histogram", StringComparison.Ordinal))
            return [$"{name}_bucket", $"{name}_count", $"{name}_sum"];
        return [kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal) ? $"{name}_total" : name];
    }

    /// <summary>What is in braces annotates and is left out: {token}/s is per_second.</summary>
    private static string Unit(string? unit)
    {
        var parts = Braces().Replace(unit ?? "", "").Split('/');
        var of = Units.GetValueOrDefault(parts[0], parts[0]);
        return parts.Length == 1 ? of : $"{(of.Length == 0 ? "" : $"{of}_")}per_{Units.GetValueOrDefault(parts[1], parts[1]).TrimEnd('s')}";
    }

    [GeneratedRegex("[^A-Za-z0-9_:]+")]
    private static partial Regex NoName();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Braces();
}
