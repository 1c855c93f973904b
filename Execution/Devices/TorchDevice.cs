using System.Globalization;
using TorchSharp;

namespace Sweep.Execution.Devices;

/// <summary>A device's name as torch's device.</summary>
public static class TorchDevice
{
    private const string CudaPrefix = "cuda:";

    /// <summary>Why torch cannot compute on it, in one line with what was found and expected; null: it can. Asked of a CUDA device it loads libtorch.</summary>
    /// <param name="device">"cpu:0", "cuda:1".</param>
    public static string? Problem(string device)
    {
        Find(device, out var problem);
        return problem;
    }

    internal static torch.Device? Find(string device, out string? problem)
    {
        problem = null;
        if (device == "cpu" || device.StartsWith("cpu:", StringComparison.Ordinal))
            return torch.CPU;
        if (!device.StartsWith(CudaPrefix, StringComparison.Ordinal) || !int.TryParse(device.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            problem = $"device: found '{device}', expected cpu:N or cuda:N";
            return null;
        }

        if (WhyNoCuda() is { } why)
        {
            problem = $"device {device}: found {why}, expected a build with -p:TorchBackend=cuda (or a CUDA libtorch in the folder that SWEEP_LIBTORCH names) and an NVIDIA driver";
            return null;
        }

        var count = torch.cuda.device_count();
        if (number < count)
            return new torch.Device(DeviceType.CUDA, number);
        problem = $"device {device}: found {count} CUDA {(count == 1 ? "device" : "devices")}, expected {(count == 1 ? "cuda:0" : $"cuda:0 to cuda:{count - 1}")}";
        return null;
    }

    private static string? WhyNoCuda()
    {
        try
        {
            return torch.cuda.is_available() ? null : "a torch that sees no CUDA";
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException or DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            return $"a torch without CUDA ({exception.GetBaseException().Message.Split('\n')[0].TrimEnd('.', ' ')})";
        }
    }
}
