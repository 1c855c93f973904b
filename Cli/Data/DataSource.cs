namespace Sweep.Cli.Data;

/// <summary>A published benchmark and where it is at home.</summary>
/// <param name="Name">What it is pulled by; also the folder's name in the data root.</param>
/// <param name="Benchmark">What plans call it.</param>
/// <param name="Licence">As its publisher states it; to be read there.</param>
internal sealed record DataSource(string Name, string Benchmark, string Licence, params IReadOnlyList<PublishedFile> Files);

/// <summary>One file of it.</summary>
/// <param name="Target">Name in the source's folder.</param>
/// <param name="Url">https.</param>
/// <param name="MostBytes">A download that is longer is stopped.</param>
internal sealed record PublishedFile(string Target, string Url, long MostBytes)
{
    /// <summary>Of what is downloaded, where a publication states it; null: recorded at the first download.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The member of a .zip or .tar.gz that is kept; null: the download itself.</summary>
    public string? Member { get; init; }

    /// <summary>The member with a label a line, which goes into the records of <see cref="Member"/>; null: none.</summary>
    public string? Labels { get; init; }
}
