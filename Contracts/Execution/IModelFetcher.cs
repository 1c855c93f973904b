namespace Sweep.Contracts.Execution;

/// <summary>Brings models that a hub has to this machine.</summary>
public interface IModelFetcher
{
    /// <summary>Whether all of these can be loaded here now; folders always count as here.</summary>
    /// <param name="models">As plans and resolutions name them.</param>
    bool AreHere(IReadOnlyList<string> models);

    /// <summary>Fetches those that are not here. What was fetched before it failed or was cancelled is kept, and another call goes on with it.</summary>
    /// <param name="models">As plans and resolutions name them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task FetchAsync(IReadOnlyList<string> models, CancellationToken cancellationToken);
}
