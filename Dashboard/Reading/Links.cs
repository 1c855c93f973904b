using System.Globalization;
using Sweep.Dashboard.Figures;

namespace Sweep.Dashboard.Reading;

/// <summary>Addresses of all views: each says all that its view shows, so that it can be sent to somebody else.</summary>
internal static class Links
{
    public static string Sweep(string sweepId) => $"/sweeps/{Escape(sweepId)}";

    public static string Sweep(string sweepId, string model, string benchmark) => Sweep(sweepId) + Query(("model", model), ("benchmark", benchmark));

    public static string Cell(string sweepId, string model, string benchmark, string bottleneck, double? scalar) =>
        $"{Sweep(sweepId)}/cell" + Query(("model", model), ("benchmark", benchmark), ("bottleneck", bottleneck), ("scalar", Scalar(scalar)));

    public static string Items(string sweepId, string model, string benchmark, string bottleneck, double? scalar, string? show = null, int page = 1, string? split = null) =>
        $"{Sweep(sweepId)}/items" + Query(("model", model), ("benchmark", benchmark), ("bottleneck", bottleneck), ("scalar", Scalar(scalar)), ("show", show), ("split", split), ("page", page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null));

    public static string Bottleneck(string sweepId, string model, string bottleneck) => $"{Sweep(sweepId)}/bottleneck" + Query(("model", model), ("name", bottleneck));

    public static string Figure(string sweepId, FigureRequest request, string ending) =>
        $"{Sweep(sweepId)}/figures/{request.Kind}{ending}" + Query(("model", request.Model), ("benchmark", request.Benchmark), ("bottleneck", request.Bottleneck), ("scalar", request.Scalar));

    /// <summary>By what a part of a bottleneck was ranked.</summary>
    public static string Scores(string sweepId, string model, string bottleneck, int part, string ending) =>
        $"{Sweep(sweepId)}/figures/{FigureRequest.Scores}{ending}" + Query(("model", model), ("bottleneck", bottleneck), ("part", part > 0 ? part.ToString(CultureInfo.InvariantCulture) : null));

    public static string Report(string sweepId) => $"/api/v1{Sweep(sweepId)}/report?format=html";

    public static string Export(string sweepId, string format) => $"/api/v1{Sweep(sweepId)}/export?format={format}";

    /// <summary>The plan as it was submitted.</summary>
    public static string Plan(string sweepId) => $"/api/v1{Sweep(sweepId)}/plan";

    /// <summary>A new sweep with the plan of this one, or with what of it concerns a bottleneck or a cell.</summary>
    public static string NewFrom(string sweepId, string? model = null, string? benchmark = null, string? bottleneck = null, double? scalar = null) =>
        "/new" + Query(("from", sweepId), ("model", model), ("benchmark", benchmark), ("bottleneck", bottleneck), ("scalar", Scalar(scalar)));

    /// <summary>A view's rows as a file.</summary>
    public static string View(string name, string ending, params ReadOnlySpan<(string Name, string? Value)> query) => $"/api/v1/views/{name}{ending}" + Query(query);

    /// <summary>A sweep's view's rows as a file.</summary>
    public static string SweepView(string sweepId, string name, string ending, params ReadOnlySpan<(string Name, string? Value)> query) => $"/api/v1{Sweep(sweepId)}/views/{name}{ending}" + Query(query);

    public static string Scalar(double? scalar) => scalar?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>False: the text is neither a number nor empty, which means none.</summary>
    public static bool TryScalar(string? text, out double? scalar)
    {
        scalar = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return false;
        scalar = number;
        return true;
    }

    /// <summary>What has a value, in this order.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> values)
    {
        var parts = new List<string>();
        foreach (var (name, value) in values)
        {
            if (!string.IsNullOrEmpty(value))
                parts.Add($"{name}={Escape(value)}");
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
