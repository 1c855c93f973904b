namespace Sweep.Execution.Hub;

/// <summary>A file as the hub lists it, or as its answer describes it.</summary>
public sealed record HubFile
{
    public required string Name { get; init; }

    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the content, lower-case; null: the hub does not say.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The name that Git gives the content (SHA-1 over a head and it), lower-case; null: the hub does not say.</summary>
    public string? GitHash { get; init; }

    /// <summary>What stands for the content, as long as it is not here; null: nothing does.</summary>
    internal string? Identity => Sha256 ?? (GitHash is null ? null : $"git-{GitHash}");

    /// <summary>With what an entity tag of the hub says, where the listing is silent.</summary>
    internal HubFile With(string? tag) => tag switch
    {
        { Length: 64 } when Sha256 is null => this with { Sha256 = tag },
        { Length: 40 } when GitHash is null && Sha256 is null => this with { GitHash = tag },
        _ => this,
    };

    /// <summary>Whether the tag is that of another content.</summary>
    internal bool Contradicts(string? tag) => tag switch
    {
        { Length: 64 } => Sha256 is not null && Sha256 != tag,
        { Length: 40 } => GitHash is not null && Sha256 is null && GitHash != tag,
        _ => false,
    };
}
