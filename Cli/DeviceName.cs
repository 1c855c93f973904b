using System.CommandLine.Parsing;
using System.Globalization;

namespace Sweep.Cli;

/// <summary>The value of --device: what the workers of this process compute on.</summary>
internal static class DeviceName
{
    public const string Cpu = "cpu";
    private const string CudaPrefix = "cuda:";

    /// <summary>cpu or cuda:N, in any case; whether the device is there is seen when it is used.</summary>
    public static string Read(ArgumentResult result)
    {
        var word = OptionValues.Word(result);
        var name = word.ToLowerInvariant();
        if (name == Cpu || (name.StartsWith(CudaPrefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            return name;
        result.AddError($"{OptionValues.Name(result)}: found '{word}', expected cpu or cuda:N");
        return Cpu;
    }

    /// <exception cref="WrongInputException">A GPU has one worker.</exception>
    public static void RequireFor(string device, int workers)
    {
        if (device != Cpu && workers != 1)
            throw new WrongInputException($"--workers: found {workers}, expected 1 with --device {device}");
    }
}
