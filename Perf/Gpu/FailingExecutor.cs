using Sweep.Execution.Prefix;

namespace Sweep.Perf.Gpu;

/// <summary>Counts passes, and says that memory ran out where rows times prompts are above a limit.</summary>
internal sealed class FailingExecutor(ISteeredExecutor inner, int limit) : ISteeredExecutor
{
    public int Passes { get; private set; }

    public int Failures { get; private set; }

    public IReadOnlyList<IReadOnlyList<RowResult>> Run(SteeredBatch batch, CancellationToken cancellationToken)
    {
        Passes++;
        if ((batch.Rows.Count + 1) * batch.Prompts.Count > limit)
        {
            Failures++;
            throw new OutOfMemoryException("out of memory, as the soak asked for");
        }

        try
        {
            return inner.Run(batch, cancellationToken);
        }
        catch (Exception)
        {
            Failures++;
            throw;
        }
    }

    public void ReleaseCaches() => inner.ReleaseCaches();

    public void Dispose()
    {
    }
}
