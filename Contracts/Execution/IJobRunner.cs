using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;

namespace Sweep.Contracts.Execution;

/// <summary>Runs batches on one device. Calls do not overlap.</summary>
public interface IJobRunner : IAsyncDisposable
{
    /// <summary>Weights hash of the loaded model; null: none.</summary>
    string? ResidentModel { get; }

    /// <summary>
    /// Runs the batch's micro-batches in order, leaving out rows all of whose items are in <paramref name="recorded"/>, and micro-batches of which nothing is left. Cancellation takes effect between micro-batches and layers.
    /// </summary>
    IAsyncEnumerable<MicroBatchResult> RunAsync(
        JobBatch batch, IReadOnlySet<(JobId Job, string Item)> recorded, CancellationToken cancellationToken);
}

/// <summary>Makes one runner a device.</summary>
public interface IJobRunnerFactory
{
    /// <param name="device">"cpu:0", "cuda:1".</param>
    IJobRunner Create(string device);

    /// <summary>What the device is. Default: its kind and nothing more.</summary>
    DeviceFacts Describe(string device) => new() { Kind = device.Split(':')[0] };

    /// <summary>Bytes of the device's memory in use; of a CPU device, by this process. Default: unknown.</summary>
    long? MemoryInUse(string device) => null;
}

/// <summary>A failure that another attempt would repeat (a file that changed, a prompt that is too long); the batch faults with this reason.</summary>
public sealed class JobFaultedException(string message) : Exception(message);
