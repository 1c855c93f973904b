using Sweep.Contracts.Store;

namespace Sweep.Execution.Calibration;

/// <summary>Calibration results as artifacts of the store, shared by all workers and sweeps.</summary>
public sealed class StoreCalibrationCache(ISweepStore store) : ICalibrationCache
{
    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) => store.FindArtifactAsync(key, cancellationToken);

    public Task SaveAsync(string key, byte[] content, CancellationToken cancellationToken) => store.SaveArtifactAsync(key, content, cancellationToken);
}
