using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Xunit;

namespace Sweep.Models.Tests.Kernels;

/// <summary>
/// The kernels take other instructions on other machines. Their tests (trait Category=Kernels) run here with the widest ones there are, and once more in processes of their own
/// whose runtime is told to do without.
/// </summary>
public sealed class VectorPathTests
{
    private const string Asked = "SWEEP_TEST_VECTORS";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    [Trait("Category", "Kernels")]
    public void Vectors_InThisProcess_AreThoseAskedFor()
    {
        var width = Avx512F.IsSupported ? "512" : Avx2.IsSupported ? "256" : Vector128.IsHardwareAccelerated ? "128" : "scalar";
        Assert.Equal(Environment.GetEnvironmentVariable(Asked) ?? width, width);
        Assert.Equal(width == "512", Vector512.IsHardwareAccelerated);
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "256")]
    [InlineData("DOTNET_EnableHWIntrinsic", "scalar")]
    public async Task Kernels_WithoutTheWidestVectors_PassTheSameTests(string without, string width)
    {
        Assert.SkipUnless(Avx2.IsSupported, "found no AVX2 on this machine, whose kernels take the plain path already");
        // Started by `dotnet`, the process is not the tests' own program.
        string[] tests = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(VectorPathTests).Assembly.Location] : [];
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. tests, "--no-ansi", "--progress", "off", "--filter-trait", "Category=Kernels"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [without] = "0", [Asked] = width },
        };
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        var report = await output;
        Assert.True(process.ExitCode == 0, $"{without}=0: exit code {process.ExitCode}{Environment.NewLine}{report}{await errors}");
        Assert.Contains("failed: 0", report);
        Assert.DoesNotContain("succeeded: 0", report);
    }
}
