using Sweep.Models.Kernels;
using static TorchSharp.torch;

namespace Sweep.Perf;

/// <summary>The fused scan against the step-by-step oracle: batch 4, length 256, d_inner 384, d_state 16.</summary>
internal static class ScanHarness
{
    private const int Rows = 4;
    private const int Length = 256;
    private const int Width = 384;
    private const int States = 16;

    public static bool Run(bool json)
    {
        using var outer = NewDisposeScope();
        using var gradients = no_grad();
        manual_seed(1);
        var (h, z, raw) = (randn(Rows, Length, Width), randn(Rows, Length, Width), randn(Rows, Length, Width));
        var (a, b, c, d) = (-rand(Width, States) * 8, randn(Rows, Length, States), randn(Rows, Length, States), randn(Width));
        var transposed = a.t().contiguous();
        Tensor? slow = null;
        Tensor? fast = null;
        var (oracle, fused) = Comparison.Measure(
            () =>
            {
                slow?.Dispose();
                using var scope = NewDisposeScope();
                var y = SelectiveScan.Reference(h, nn.functional.softplus(raw, 1, 20), a, b, c, d, zeros(Rows, Width, States));
                slow = (y * nn.functional.silu(z)).MoveToOuterDisposeScope();
            },
            () =>
            {
                fast?.Dispose();
                using var state = zeros(Rows, States, Width);
                fast = FusedScan.Run(new ScanInputs { H = h, Delta = raw, A = transposed, B = b, C = c, D = d, Z = z, State = state });
            },
            rounds: 31);
        var error = (slow! - fast!).abs().max().item<float>() / slow!.abs().max().item<float>();
        var perSecond = (double)Rows * Length * Width * States / fused.Median;
        return Comparison.Report("scan, batch 4, length 256, d_inner 384, d_state 16", "oracle, step by step", "fused", oracle, fused, 8, error <= 1e-5,
            new Dictionary<string, double> { ["relative error"] = error, ["state updates per second, millions"] = perSecond / 1e6 }, json);
    }
}
