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

    /// <summary>As plans and workers call it.</summary>
    public static string Name => IsCuda ? $"cuda:{Current.index}" : "cpu:0";

    /// <summary>The first CUDA device; the test skips, and says why, where there is none.</summary>
    public static Device Cuda()
    {
        Xunit.Assert.SkipWhen(Problem.Value is not null, Problem.Value ?? "");
        return new Device(DeviceType.CUDA, 0);
    }

    /// <summary>
    /// That a row's bits on the processor are its own holds for the libtorch of the package. Another one's matrix products ($SWEEP_LIBTORCH: PyTorch's, with MKL) cut rows otherwise; the test skips,
    /// and says so.
    /// </summary>
    public static void RequireOwnLibTorch() => Xunit.Assert.SkipWhen(
        Environment.GetEnvironmentVariable("SWEEP_LIBTORCH") is { Length: > 0 }, "bits of a row on the processor are promised for the package's libtorch, and SWEEP_LIBTORCH names another");

    /// <summary>The same number; on a CUDA device, whose sums depend on what is packed together, the same but for rounding.</summary>
    /// <param name="expected">Alone.</param>
    /// <param name="actual">In company.</param>
    /// <param name="tolerance">Of max(1, |expected|).</param>
    public static void AssertSame(double? expected, double? actual, double tolerance = 1e-5)
    {
        if (!IsCuda || expected is not { } number)
            Xunit.Assert.Equal(expected, actual);
        else
            Xunit.Assert.Equal(number, actual!.Value, Math.Max(1, Math.Abs(number)) * tolerance);
    }

    /// <summary>The same of numbers in order.</summary>
    public static void AssertSame(IReadOnlyList<double?> expected, IReadOnlyList<double?> actual, double tolerance = 1e-5)
    {
        Xunit.Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.Zip(actual))
            AssertSame(one, other, tolerance);
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
