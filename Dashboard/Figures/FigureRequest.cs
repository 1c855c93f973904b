namespace Sweep.Dashboard.Figures;

/// <summary>Which figure of a sweep; what it does not need is null.</summary>
internal sealed record FigureRequest(string Kind, string? Model = null, string? Benchmark = null, string? Bottleneck = null, string? Scalar = null)
{
    public const string Overview = "overview";
    public const string Heat = "heat-map";
    public const string Layers = "layers";
    public const string Curve = "curve";
    public const string Leaderboard = "leaderboard";
    public const string Harm = "harm";
    public const string Parallel = "parallel";

    /// <summary>All of one bottleneck.</summary>
    public const string OfBottleneck = "bottleneck";

    /// <summary>By what a bottleneck's channels were ranked; not a figure of the snapshot.</summary>
    public const string Scores = "scores";

    /// <summary>A cell's items; not a figure of the snapshot.</summary>
    public const string Distribution = "distribution";
}
