using Sweep.Contracts.Dispatch;
using Sweep.Models.Cuda;

namespace Sweep.Execution.Devices;

/// <summary>One device of this machine, and whether it computes.</summary>
public sealed record CheckedDevice
{
    /// <summary>"cpu:0", "cuda:1".</summary>
    public required string Device { get; init; }

    public required DeviceFacts Facts { get; init; }

    /// <summary>Of a CUDA device, such as "9.0".</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>CUDA version that the driver serves.</summary>
    public string? Driver { get; init; }

    /// <summary>Of NVRTC, which compiles the kernels.</summary>
    public string? Compiler { get; init; }

    /// <summary>max |a − b| / max |b| of the scan kernel against its oracle; null: it was not run.</summary>
    public double? SelfTestError { get; init; }

    public double? SelfTestSeconds { get; init; }

    /// <summary>Why it cannot be used; null: it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>Looks at every device of this machine.</summary>
public static class DeviceCheck
{
    /// <summary>The processor, then the CUDA devices, each of which ran a kernel of ours.</summary>
    public static IReadOnlyList<CheckedDevice> All()
    {
        var machine = new MachineDevices();
        List<CheckedDevice> devices = [new() { Device = "cpu:0", Facts = machine.Describe("cpu:0") }];
        for (var number = 0; number < machine.CudaDevices; number++)
            devices.Add(Check(machine, number));
        return devices;
    }

    /// <summary>Why this machine has no CUDA device; null: it has one.</summary>
    public static string? WhyNoCuda() => CudaDriver.WhyNone();

    private static CheckedDevice Check(MachineDevices machine, int number)
    {
        var name = $"cuda:{number}";
        var device = new CheckedDevice { Device = name, Facts = machine.Describe(name), ComputeCapability = CudaDriver.ComputeCapability(number), Driver = CudaDriver.Version() };
        var place = TorchDevice.Find(name, out var problem);
        if (place is null)
            return device with { Problem = problem };
        try
        {
            var (error, elapsed) = KernelSelfTest.Run(place);
            return device with
            {
                Compiler = CudaToolkit.CompilerVersion(),
                SelfTestError = error,
                SelfTestSeconds = elapsed.TotalSeconds,
                Problem = error <= KernelSelfTest.Tolerance ? null : $"device {name}: found a relative error of {error:0.0e0} in the scan kernel, expected at most {KernelSelfTest.Tolerance:0e0}",
            };
        }
        catch (CudaException exception)
        {
            return device with { Problem = $"device {name}: {exception.Message.Split('\n')[0]}" };
        }
    }
}
