namespace Sweep.Grains.Dispatch;

/// <summary>How much work a micro-batch and a batch hold. They decide packing only: results do not depend on them.</summary>
public sealed class BatchPlannerOptions
{
    /// <summary>Work of a micro-batch; a killed worker repeats two at most, the running one and one not recorded yet; seconds. Default: 2.</summary>
    public double TargetMicroBatchSeconds { get; set; } = 2;

    /// <summary>Work of a batch, the unit of a lease, seconds; towards the end of a sweep they are smaller. Default: 15.</summary>
    public double TargetBatchSeconds { get; set; } = 15;

    /// <summary>Speed of a CPU, multiply-adds a second, as long as none is measured. Default: 2e10, two cores in fp32.</summary>
    public double MultiplyAddsPerSecond { get; set; } = 2e10;

    /// <summary>Speed of any other device, multiply-adds a second, as long as none is measured. Default: 2e13.</summary>
    public double AcceleratorMultiplyAddsPerSecond { get; set; } = 2e13;

    /// <summary>Most prefill tokens of a micro-batch, rows × items × longest prompt, for every 4 GiB of an accelerator: the memory budget. Default: 32768.</summary>
    public int MaxRowTokens { get; set; } = 32_768;

    /// <summary>Interventions that stay together in a micro-batch even where time asks for fewer, so that the shared layers pay. Default: 16.</summary>
    public int MinimumRows { get; set; } = 16;

    /// <summary>Most interventions of a batch; a bottleneck and its controls stay together up to it. Default: 1024.</summary>
    public int MaxRowsPerBatch { get; set; } = 1024;

    /// <summary>The next batch is at most so small a part of the work that is left, or one of twice as many parts as there are workers, for several to share. Default: 16.</summary>
    public int MinimumBatches { get; set; } = 16;

    /// <summary>Batches of a sweep that wait at the least while it has so much work left, where there are fewer workers: what an autoscaler goes by. Default: 0, one a worker.</summary>
    public int BatchesAhead { get; set; }

    /// <summary>Every setting that cannot work, by name.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(TargetMicroBatchSeconds > 0))
            yield return $"Sweep:Planner:{nameof(TargetMicroBatchSeconds)} is {TargetMicroBatchSeconds}, expected above 0";
        if (!(TargetBatchSeconds >= TargetMicroBatchSeconds))
            yield return $"Sweep:Planner:{nameof(TargetBatchSeconds)} is {TargetBatchSeconds}, expected at least {nameof(TargetMicroBatchSeconds)} ({TargetMicroBatchSeconds})";
        if (!(MultiplyAddsPerSecond > 0))
            yield return $"Sweep:Planner:{nameof(MultiplyAddsPerSecond)} is {MultiplyAddsPerSecond}, expected above 0";
        if (!(AcceleratorMultiplyAddsPerSecond > 0))
            yield return $"Sweep:Planner:{nameof(AcceleratorMultiplyAddsPerSecond)} is {AcceleratorMultiplyAddsPerSecond}, expected above 0";
        if (BatchesAhead < 0)
            yield return $"Sweep:Planner:{nameof(BatchesAhead)} is {BatchesAhead}, expected at least 0";
        foreach (var (name, value) in new[] { (nameof(MaxRowTokens), MaxRowTokens), (nameof(MinimumRows), MinimumRows), (nameof(MaxRowsPerBatch), MaxRowsPerBatch), (nameof(MinimumBatches), MinimumBatches) })
        {
            if (value < 1)
                yield return $"Sweep:Planner:{name} is {value}, expected at least 1";
        }
    }
}
