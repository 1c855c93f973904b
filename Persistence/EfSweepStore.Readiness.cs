using Sweep.Contracts.Store;

namespace Sweep.Persistence;

internal sealed partial class EfSweepStore : IStoreReadiness
{
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(context => SchemaVersion.RefusalAsync(context, "the store", "sweep migrate", cancellationToken), cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            return exception.Message;
        }
    }
}
