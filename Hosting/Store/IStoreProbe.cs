namespace Sweep.Hosting.Store;

/// <summary>Whether the store can be used now.</summary>
internal interface IStoreProbe
{
    /// <summary>What is wrong, without secrets; null: nothing.</summary>
    Task<string?> FindProblemAsync(CancellationToken cancellationToken);
}
