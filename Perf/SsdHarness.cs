using Sweep.Models.Mamba2;
using static TorchSharp.torch;

namespace Sweep.Perf;

/// <summary>Mamba-2's scan in chunks against the recurrence step by step: length 512, the heads of a published 130M model.</summary>
internal static class SsdHarness
{
    private const int Rows = 1;
    private const int Length = 512;
    private const int Heads = 24;
    private const int HeadDim = 64;
    private const int States = 128;

    public static bool Run(bool json)
    {
        using var outer = NewDisposeScope();
        using var gradients = no_grad();
        manual_seed(1);
        var xbc = randn(Rows, Length, (Heads * HeadDim) + (2 * States));
        var inputs = new SsdInputs
        {
            X = xbc.narrow(2, 0, Heads * HeadDim),
            B = xbc.narrow(2, Heads * HeadDim, States),
            C = xbc.narrow(2, (Heads * HeadDim) + States, States),
            Delta = rand(Rows, Length, Heads) * 0.1,
            A = -rand(Heads) * 16,
            D = randn(Heads),
            State = zeros(Rows, States, Heads * HeadDim),
            Groups = 1,
        };
        Tensor? slow = null;
        Tensor? fast = null;
        var (oracle, chunked) = Comparison.Measure(
            () =>
            {
                slow?.Dispose();
                using var state = zeros(Rows, States, Heads * HeadDim);
                slow = StepwiseSsd.Run(inputs with { State = state });
            },
            () =>
            {
                fast?.Dispose();
                using var state = zeros(Rows, States, Heads * HeadDim);
                fast = FusedSsd.Run(inputs with { State = state });
            },
            rounds: 15);
        var torchForm = Comparison.Median(
            () =>
            {
                using var state = zeros(Rows, States, Heads * HeadDim);
                ChunkedSsd.Run(inputs with { State = state }, ChunkedSsd.MostAtOnce).Dispose();
            },
            rounds: 15);
        var error = (slow! - fast!).abs().max().item<float>() / slow!.abs().max().item<float>();
        var perSecond = (double)Rows * Length * Heads * HeadDim * States / chunked.Median;
        return Comparison.Report($"ssd, batch {Rows}, length {Length}, {Heads} heads of {HeadDim}, d_state {States}", "oracle, step by step", "chunked", oracle, chunked, 5, error <= 1e-5,
            new Dictionary<string, double> { ["relative error"] = error, ["state updates per second, millions"] = perSecond / 1e6, ["chunked in torch operations, ms"] = 1000 * torchForm.Median }, json);
    }
}
