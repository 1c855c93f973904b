namespace Sweep.Contracts.Store;

/// <summary>A store that can say whether it can be used now.</summary>
public interface IStoreReadiness
{
    /// <summary>What is wrong: it does not answer, or its schema is none that this version works on. Null: nothing.</summary>
    Task<string?> FindProblemAsync(CancellationToken cancellationToken);
}
