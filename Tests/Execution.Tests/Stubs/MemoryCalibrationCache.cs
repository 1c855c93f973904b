using Sweep.Execution.Calibration;

namespace Sweep.Execution.Tests.Stubs;

internal sealed class MemoryCalibrationCache : ICalibrationCache
{
    public Dictionary<string, byte[]> Entries { get; } = [];

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult(Entries.GetValueOrDefault(key));

    public Task SaveAsync(string key, byte[] content, CancellationToken cancellationToken)
    {
        Entries[key] = content;
        return Task.CompletedTask;
    }
}
