namespace Sweep.Dashboard.Figures;

/// <summary>Names where there is little room.</summary>
internal static class Names
{
    /// <summary>Beginning and end are kept.</summary>
    public static string Shorten(string name, int longest) =>
        name.Length <= longest ? name : string.Concat(name.AsSpan(0, (longest / 2) - 1), "…", name.AsSpan(name.Length - (longest / 2)));
}
