using Sweep.Execution.Calibration;

namespace Sweep.Execution.Tests.Stubs;

internal sealed class MemoryCalibrationCache : ICalibrationCache
{
    /// <summary>By content, for every plan.</summary>
    public Dictionary<string, byte[]> Entries { get; } = [];

    /// <summary>Of one sweep, for people.</summary>
    public Dictionary<string, byte[]> OfSweeps { get; } = [];

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult(Of(key).GetValueOrDefault(key));

    public Task SaveAsync(string key, byte[] content, CancellationToken cancellationToken)
    {
        Of(key)[key] = content;
        return Task.CompletedTask;
    }

    private Dictionary<string, byte[]> Of(string key) => key.StartsWith("planning/", StringComparison.Ordinal) ? OfSweeps : Entries;
}
