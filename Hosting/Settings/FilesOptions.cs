namespace Sweep.Hosting.Settings;

/// <summary>Sweep:Files: the files that plans name.</summary>
public sealed class FilesOptions
{
    internal const string Key = "Sweep:Files";

    /// <summary>Folders in which names in plans are looked up, in this order; nothing outside of them is read. Default: none.</summary>
    public IReadOnlyList<string> Roots { get; set; } = [];

    internal IEnumerable<string> Problems() =>
        Roots.Index().Where(root => !Directory.Exists(root.Item)).Select(root => $"{Key}:{nameof(Roots)}[{root.Index}] is '{root.Item}', found no folder there");
}
