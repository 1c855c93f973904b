namespace Sweep.Execution.Devices;

/// <summary>How devices are used.</summary>
public sealed class DeviceOptions
{
    /// <summary>Threads of one operation on a CPU device; results do not depend on it. Default: as many as torch takes, all processors.</summary>
    public int? IntraOpThreads { get; set; }

    /// <summary>Activations of one pass on a CPU device are kept below this many bytes, as far as splitting it can. Default: 2 GiB.</summary>
    public long MemoryBudgetBytes { get; set; } = 2L << 30;

    /// <summary>The same of a CUDA device, as a share of its memory. Default: 0.5.</summary>
    public double CudaMemoryShare { get; set; } = 0.5;

    /// <summary>
    /// Weights of this share of a CUDA device's memory may stay there, of several models; the one not used for longest goes first. A processor holds one model. Default: 0.25.
    /// </summary>
    public double CudaModelShare { get; set; } = 0.25;

    /// <summary>Where recipes and means are computed; a sweep that is resolved here runs on devices of its kind. Default: "cpu:0".</summary>
    public string CalibrationDevice { get; set; } = "cpu:0";
}
