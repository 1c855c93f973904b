using Sweep.Contracts.Plans;

namespace Sweep.Execution.Hub;

/// <summary>A commit of a model that the cache holds whole.</summary>
public sealed record CachedModel
{
    public required HubProvenance Provenance { get; init; }

    public required DateTimeOffset PulledAt { get; init; }

    /// <summary>A model folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Branches and tags that were this commit when they were last asked for.</summary>
    public IReadOnlyList<string> Revisions { get; init; } = [];

    public long Bytes => Provenance.Files.Sum(file => file.Bytes);
}
