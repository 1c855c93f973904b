namespace Sweep.Execution.Prefix;

/// <summary>Runs micro-batches on one resident model. Not thread-safe: it belongs to the device's own thread.</summary>
public interface ISteeredExecutor : IDisposable
{
    /// <summary>Bytes of an activation, for estimates of memory. Default: 4, which the processor's forms compute in whatever they store.</summary>
    int ActivationBytes => sizeof(float);

    /// <summary>
    /// Results as [row][prompt], in the order of the batch; the last extra row (index Rows.Count) is always the identity.
    /// A row's result is bit-identical whatever it was packed with (CPU).
    /// </summary>
    IReadOnlyList<IReadOnlyList<RowResult>> Run(SteeredBatch batch, CancellationToken cancellationToken);

    /// <summary>Gives back the device's memory that is kept for the next run. Default: nothing is kept.</summary>
    void ReleaseCaches()
    {
    }
}
