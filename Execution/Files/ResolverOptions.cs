namespace Sweep.Execution.Files;

/// <summary>Where the files that plans name may lie.</summary>
public sealed class ResolverOptions
{
    /// <summary>Folders in which names are looked up, in this order; an embedded run puts the plan's own folder first. Default: none.</summary>
    public IList<string> Roots { get; set; } = [];

    /// <summary>Plans may name absolute paths, and relative ones that lead out of the roots; for a process of the user's own. Default: false.</summary>
    public bool AllowAbsolutePaths { get; set; }
}
