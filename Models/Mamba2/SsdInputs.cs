using Sweep.Models.Kernels;
using TorchSharp;

namespace Sweep.Models.Mamba2;

/// <summary>
/// Tensors of state space duality (SSD): s_t[n,p] = exp(Δ_t A) s_{t−1}[n,p] + Δ_t B_t[n] x_t[p], y_t[p] = Σ_n C_t[n] s_t[n,p] + D x_t[p] in each head (method.md 8.2, step 5).
/// Rows are B, positions L, heads H of P channels (E = H·P), groups G of heads that share B and C, state size N. Last axes are contiguous.
/// </summary>
public sealed record SsdInputs
{
    /// <summary>[B, L, E], after convolution and SiLU.</summary>
    public required torch.Tensor X { get; init; }

    /// <summary>[B, L, H], after softplus and clamp.</summary>
    public required torch.Tensor Delta { get; init; }

    /// <summary>[H], −exp(A_log).</summary>
    public required torch.Tensor A { get; init; }

    /// <summary>[B, L, G·N].</summary>
    public required torch.Tensor B { get; init; }

    /// <summary>[B, L, G·N].</summary>
    public required torch.Tensor C { get; init; }

    /// <summary>[H].</summary>
    public required torch.Tensor D { get; init; }

    /// <summary>[B, N, E], channel-last; updated in place.</summary>
    public required torch.Tensor State { get; init; }

    /// <summary>G; divides H.</summary>
    public required int Groups { get; init; }

    /// <summary>Real positions of each row; null: all. Padded steps leave the state alone and return 0.</summary>
    public TokenSpans? Spans { get; init; }

    internal int Rows => (int)X.shape[0];

    internal int Length => (int)X.shape[1];

    internal int Inner => (int)X.shape[2];

    internal int Heads => (int)Delta.shape[2];

    internal int States => (int)State.shape[1];

    /// <exception cref="ArgumentException">The shapes do not belong together.</exception>
    internal void MustFit()
    {
        Spans?.MustFit(Rows, Length);
        if (Inner % Heads != 0 || Heads % Groups != 0)
            throw new ArgumentException($"{Inner} channels, {Heads} heads and {Groups} groups: expected each to divide the one before it");
        Must(nameof(Delta), Delta, Rows, Length, Heads);
        Must(nameof(A), A, Heads);
        Must(nameof(B), B, Rows, Length, Groups * States);
        Must(nameof(C), C, Rows, Length, Groups * States);
        Must(nameof(D), D, Heads);
        Must(nameof(State), State, Rows, States, Inner);
    }

    private static void Must(string name, torch.Tensor tensor, params ReadOnlySpan<long> shape)
    {
        if (!tensor.shape.AsSpan().SequenceEqual(shape))
            throw new ArgumentException($"{name}: found [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", shape.ToArray())}]");
    }
}
