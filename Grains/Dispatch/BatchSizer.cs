namespace Sweep.Grains.Dispatch;

/// <summary>
/// Sizes the next batches: each worker's half share of the work that is left, within bounds, so that batches are large at first and small at the end, when all workers are to
/// be done together (factoring; Hummel, Schonberg, Flynn 1992). Where a model's speed is not known yet, a few short batches come first to measure it.
/// </summary>
internal sealed class BatchSizer(BatchPlannerOptions options)
{
    /// <summary>The least that is worth a lease: this, and so many times what a lease costs beside its work.</summary>
    private const double ShortestSeconds = 1;
    private const double ShortestCosts = 10;

    /// <summary>Of batches of full length; shorter ones differ by themselves.</summary>
    private const double Spread = 0.4;

    /// <summary>Of the first batches of a model, which all workers begin at once.</summary>
    private const double FirstSpread = 0.8;

    /// <summary>Memory for which <see cref="BatchPlannerOptions.MaxRowTokens"/> is meant; larger accelerators take more.</summary>
    private const long MemoryOfOptions = 4L << 30;

    /// <param name="workLeft">Multiply-adds, one a model of the plan.</param>
    /// <param name="model">The model whose batches come next, index into the plan's.</param>
    /// <param name="speeds">Measured multiply-adds a second, one a model of the plan; null: not known.</param>
    /// <param name="devices">What it will run on.</param>
    /// <param name="leaseSeconds">What a lease costs beside its work, as far as it is known.</param>
    /// <param name="open">Batches that wait or run.</param>
    public BatchSizing Next(IReadOnlyList<double> workLeft, int model, IReadOnlyList<double?> speeds, DeviceSupply devices, double leaseSeconds = 0, int open = 0)
    {
        var assumed = devices.IsAccelerator ? options.AcceleratorMultiplyAddsPerSecond : options.MultiplyAddsPerSecond;
        var secondsLeft = workLeft.Zip(speeds).Sum(pair => pair.First / (pair.Second ?? assumed));
        var shares = Math.Max(options.MinimumBatches, 2 * devices.Workers);
        var most = options.TargetBatchSeconds;
        var least = Math.Clamp(ShortestCosts * leaseSeconds, Math.Min(ShortestSeconds, options.TargetMicroBatchSeconds), most);
        var batch = Math.Clamp(secondsLeft / shares, least, most);
        return new BatchSizing
        {
            // Until the speed is known, which the first to come back brings, one a worker is enough.
            Batches = Math.Max(FewestBatches, speeds[model] is null ? (shares / 2) - open : shares / 2),
            BatchSeconds = batch,
            Spread = speeds[model] is null ? FirstSpread : batch == options.TargetBatchSeconds ? Spread : 0,
            MicroBatchSeconds = Math.Min(options.TargetMicroBatchSeconds, batch),
            MultiplyAddsPerSecond = [.. speeds.Select(speed => speed ?? assumed)],
            MaxRowTokens = devices.IsAccelerator ? options.MaxRowTokens * Math.Max(1, devices.MemoryBytes / MemoryOfOptions) : options.MaxRowTokens,
            MinimumRows = options.MinimumRows,
            MaxRowsPerBatch = options.MaxRowsPerBatch,
        };
    }

    /// <summary>More batches of a model are to be cut while fewer than this wait. Without a measured speed as late as possible, because that comes with the first ones.</summary>
    public int Ahead(double? speed, int workers) => speed is null ? 1 : Math.Max(workers, options.BatchesAhead);

    /// <summary>One may be held back, the others keep a worker busy while more are cut.</summary>
    private const int FewestBatches = 4;
}

/// <summary>The devices that a sweep's work is for.</summary>
/// <param name="Workers">At least 1.</param>
/// <param name="IsAccelerator">No CPU.</param>
/// <param name="MemoryBytes">Of the device with the least; 0: unknown.</param>
internal readonly record struct DeviceSupply(int Workers, bool IsAccelerator = false, long MemoryBytes = 0);
