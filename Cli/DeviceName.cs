using System.CommandLine.Parsing;
using System.Globalization;
using Sweep.Execution.Devices;

namespace Sweep.Cli;

/// <summary>The value of --device: what the workers of this process compute on.</summary>
internal static class DeviceName
{
    public const string Cpu = "cpu";
    private const string CudaPrefix = "cuda:";

    /// <summary>cpu or cuda:N, in any case; whether the device is there is seen when it is used.</summary>
    public static string Read(ArgumentResult result) => Read(result, IsOne, "cpu or cuda:N");

    /// <summary>The same, or cuda:all.</summary>
    public static string ReadWithAll(ArgumentResult result) => Read(result, name => IsOne(name) || name == DeviceNames.AllCuda, $"cpu, cuda:N or {DeviceNames.AllCuda}");

    /// <exception cref="WrongInputException">A GPU has one worker.</exception>
    public static void RequireFor(string device, int workers)
    {
        if (device != Cpu && workers != 1)
            throw new WrongInputException($"--workers: found {workers}, expected 1 with --device {device}{(device == DeviceNames.AllCuda ? ", which has one on each GPU" : "")}");
    }

    private static string Read(ArgumentResult result, Func<string, bool> isName, string expected)
    {
        var word = OptionValues.Word(result);
        var name = word.ToLowerInvariant();
        if (isName(name))
            return name;
        result.AddError($"{OptionValues.Name(result)}: found '{word}', expected {expected}");
        return Cpu;
    }

    private static bool IsOne(string name) =>
        name == Cpu || (name.StartsWith(CudaPrefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
