using System.Globalization;
using Sweep.Models.Cuda;
using TorchSharp;

namespace Sweep.Execution.Devices;

/// <summary>A device's name as torch's device.</summary>
public static class TorchDevice
{
    private const string CudaPrefix = "cuda:";

    /// <summary>Why torch cannot compute on it, in one line with what was found and expected; null: it can. Asked of a CUDA device it loads libtorch, of a processor it does not.</summary>
    /// <param name="device">"cpu:0", "cuda:1".</param>
    public static string? Problem(string device)
    {
        if (IsProcessor(device))
            return null;
        if (CudaNumber(device) is not { } number)
            return $"device: found '{device}', expected cpu:N or cuda:N";
        if (CudaDriver.WhyNone() is { } none)
            return $"device {device}: found {none}, expected a driver and a CUDA device";
        if (WhyNoCuda() is { } why)
            return $"device {device}: found {why}, expected a build with -p:TorchBackend=cuda, or a CUDA libtorch in the folder that SWEEP_LIBTORCH names ({Named()})";
        var count = torch.cuda.device_count();
        if (number < count)
            return CudaToolkit.Problem() is { } missing ? $"device {device}: {missing}" : null;
        return $"device {device}: found {count} CUDA {(count == 1 ? "device" : "devices")}, expected {(count == 1 ? "cuda:0" : $"cuda:0 to cuda:{count - 1}")}";
    }

    /// <summary>Null with the problem.</summary>
    internal static torch.Device? Find(string device, out string? problem)
    {
        problem = Problem(device);
        return problem is not null ? null : IsProcessor(device) ? torch.CPU : new torch.Device(DeviceType.CUDA, CudaNumber(device)!.Value);
    }

    private static bool IsProcessor(string device) => device == "cpu" || device.StartsWith("cpu:", StringComparison.Ordinal);

    private static int? CudaNumber(string device) =>
        device.StartsWith(CudaPrefix, StringComparison.Ordinal) && int.TryParse(device.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Named() => Environment.GetEnvironmentVariable("SWEEP_LIBTORCH") is { Length: > 0 } folder ? $"now '{folder}'" : "now unset";

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
