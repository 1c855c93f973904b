using System.Globalization;
using Sweep.Execution.Devices;
using Sweep.Models;
using Sweep.Perf.Dispatch;
using TorchSharp;

namespace Sweep.Perf.Gpu;

/// <summary>--name value pairs of a harness that runs on a device.</summary>
internal sealed class DeviceArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <param name="arguments">The command line behind the harness's name.</param>
    /// <param name="known">Names beside --device.</param>
    /// <exception cref="HarnessException">Another name, a missing value, or a device that cannot compute.</exception>
    public DeviceArguments(string[] arguments, params string[] known)
    {
        for (var index = 0; index < arguments.Length; index += 2)
        {
            if (arguments[index] != "--device" && !known.Contains(arguments[index]))
                throw new HarnessException($"found '{arguments[index]}', expected --device{string.Concat(known.Select(name => $", {name}"))}");
            _values[arguments[index]] = index + 1 < arguments.Length ? arguments[index + 1] : throw new HarnessException($"{arguments[index]}: found nothing, expected a value");
        }

        Device = _values.GetValueOrDefault("--device", "cuda:0");
        if ((TorchLibrary.Preload() ?? TorchDevice.Problem(Device)) is { } problem)
            throw new HarnessException(problem);
    }

    public string Device { get; }

    public bool IsCuda => Device.StartsWith("cuda", StringComparison.Ordinal);

    public torch.Device Torch => IsCuda ? new torch.Device(Device) : torch.CPU;

    public int Number(string name, int otherwise) => !_values.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new HarnessException($"{name}: found '{text}', expected a whole number of at least 0");
}
