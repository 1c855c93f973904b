namespace Sweep.Hosting.Settings;

/// <summary>Sweep:Telemetry: what the silo tells of itself. Metrics are at /metrics; with OTEL_EXPORTER_OTLP_ENDPOINT they and the traces of sweeps are sent there too.</summary>
public sealed class TelemetryOptions
{
    internal const string Key = "Sweep:Telemetry";
    internal const string Json = "json";
    internal const string Text = "text";

    /// <summary>Form of log lines on standard output: text, or json (one object a line, with scopes and trace ids). Default: text.</summary>
    public string LogFormat { get; set; } = Text;

    internal IEnumerable<string> Problems()
    {
        if (LogFormat is not (Json or Text))
            yield return $"{Key}:{nameof(LogFormat)} is '{LogFormat}', expected {Text} or {Json}";
    }
}
