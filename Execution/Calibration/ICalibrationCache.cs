namespace Sweep.Execution.Calibration;

/// <summary>Keeps what calibration computed, by content: the same key always means the same bytes.</summary>
public interface ICalibrationCache
{
    Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken);

    Task SaveAsync(string key, byte[] content, CancellationToken cancellationToken);
}
