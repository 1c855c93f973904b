namespace Sweep.Contracts.Plans;

/// <summary>What a hub's model was when a plan was resolved.</summary>
public sealed record HubProvenance
{
    /// <summary>Address of the hub.</summary>
    public required string Endpoint { get; init; }

    /// <summary>ORG/NAME.</summary>
    public required string Repository { get; init; }

    /// <summary>What the plan asked for.</summary>
    public required string Revision { get; init; }

    /// <summary>The commit that this was then.</summary>
    public required string Commit { get; init; }

    /// <summary>The files that were fetched, by name.</summary>
    public required IReadOnlyList<HubFileHash> Files { get; init; }
}

/// <summary>A fetched file.</summary>
public sealed record HubFileHash
{
    public required string Name { get; init; }

    public required long Bytes { get; init; }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }
}
