using System.Globalization;

namespace Sweep.Execution.Devices;

/// <summary>Device names as settings have them: cpu (the same as cpu:0), cpu:N, cuda:N and cuda:all.</summary>
public static class DeviceNames
{
    /// <summary>Every CUDA device that is there.</summary>
    public const string AllCuda = "cuda:all";

    private const string Cpu = "cpu";
    private const string Cuda = "cuda";
    private const string Expected = $"expected cpu, cpu:N, cuda:N or {AllCuda}";

    /// <summary>One name a device, in the order of the entries.</summary>
    /// <param name="entries">As they were configured.</param>
    /// <param name="inventory">Asked only where an entry names CUDA.</param>
    /// <param name="setting">What the entries are called in problems.</param>
    /// <param name="problems">Every entry that names nothing, and every device that is named twice.</param>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> entries, IDeviceInventory inventory, string setting, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        var wrong = new List<string>();
        foreach (var (index, entry) in entries.Index())
        {
            var devices = Expand(entry, inventory, out var problem);
            if (problem is not null)
                wrong.Add($"{setting}[{index}] is '{entry}', {problem}");
            foreach (var device in devices)
            {
                if (found.Contains(device))
                    wrong.Add($"{setting}[{index}] is '{entry}': {device} is named before, expected every device once");
                else
                    found.Add(device);
            }
        }

        problems = wrong;
        return found;
    }

    private static IEnumerable<string> Expand(string entry, IDeviceInventory inventory, out string? problem)
    {
        problem = null;
        if (entry == Cpu)
            return ["cpu:0"];
        var colon = entry.IndexOf(':', StringComparison.Ordinal);
        var (kind, which) = colon < 0 ? (entry, "") : (entry[..colon], entry[(colon + 1)..]);
        var isNumber = int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (kind == Cpu && isNumber)
            return [$"cpu:{number}"];
        if (entry != AllCuda && !(kind == Cuda && isNumber))
        {
            problem = Expected;
            return [];
        }

        var count = inventory.CudaDevices;
        if (entry == AllCuda && count > 0)
            return Enumerable.Range(0, count).Select(device => $"cuda:{device}");
        if (isNumber && number < count)
            return [$"cuda:{number}"];
        problem = count switch
        {
            0 => "found no CUDA device (no NVIDIA driver, or CUDA_VISIBLE_DEVICES hides them), expected cpu or a machine with one",
            1 => "found one CUDA device, expected cuda:0",
            _ => $"found {count} CUDA devices, expected cuda:0 to cuda:{count - 1}",
        };
        return [];
    }
}
