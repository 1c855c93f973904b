using TorchSharp;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Cuda;

/// <summary>
/// The device of tests: the processor, or what $SWEEP_TEST_DEVICE names (cuda:0), for all tests of models, steering and execution. Tests of kernels take the first CUDA device that there is.
/// </summary>
internal static class TestDevice
{
    private static readonly Lazy<string?> Problem = new(FindProblem);

    /// <summary>Where models of tests live.</summary>
    public static Device Current { get; } = Environment.GetEnvironmentVariable("SWEEP_TEST_DEVICE") is { Length: > 0 } name ? Named(name) : CPU;

    public static bool IsCuda => Current.type == DeviceType.CUDA;

    /// <summary>The first CUDA device; the test skips, and says why, where there is none.</summary>
    public static Device Cuda()
    {
        Xunit.Assert.SkipWhen(Problem.Value is not null, Problem.Value ?? "");
        return new Device(DeviceType.CUDA, 0);
    }

    /// <summary>The same number; on a CUDA device, whose sums depend on what is packed together, the same but for rounding.</summary>
    public static void AssertSame(double? expected, double? actual)
    {
        if (!IsCuda || expected is not { } number)
            Xunit.Assert.Equal(expected, actual);
        else
            Xunit.Assert.Equal(number, actual!.Value, Math.Max(1e-5, Math.Abs(number) * 1e-5));
    }

    private static Device Named(string name)
    {
        // Here, because tests make tensors before they make models.
        if (FindProblem() is { } problem)
            throw new InvalidOperationException($"SWEEP_TEST_DEVICE is {name}: {problem}");
        return new Device(name);
    }

    private static string? FindProblem()
    {
        if (TorchLibrary.Preload() is { } wrong)
            return wrong;
        try
        {
            return cuda.is_available() ? null : "torch sees no CUDA device";
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException or DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            return $"a torch without CUDA: {exception.GetBaseException().Message.Split('\n')[0]}";
        }
    }
}
