using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>Inputs of one fused scan: fp32 CPU tensors, channel-last; any but the state may be a view whose last axis is contiguous.</summary>
public sealed record ScanInputs
{
    /// <summary>[B, L, E], after convolution and SiLU.</summary>
    public required torch.Tensor H { get; init; }

    /// <summary>[B, L, E]: W_dt δ + bias before softplus, or Δ itself when <see cref="DeltaIsActivated"/>.</summary>
    public required torch.Tensor Delta { get; init; }

    public bool DeltaIsActivated { get; init; }

    /// <summary>Transposed, [N, E], −exp(A_log).</summary>
    public required torch.Tensor A { get; init; }

    /// <summary>[B, L, N].</summary>
    public required torch.Tensor B { get; init; }

    /// <summary>[B, L, N].</summary>
    public required torch.Tensor C { get; init; }

    /// <summary>[E].</summary>
    public required torch.Tensor D { get; init; }

    /// <summary>Gate input before SiLU, [B, L, E]; null: y is returned before the gate.</summary>
    public torch.Tensor? Z { get; init; }

    /// <summary>Channel-last: [B, N, E], contiguous, updated in place.</summary>
    public required torch.Tensor State { get; init; }

    /// <summary>Null: no padding.</summary>
    public TokenSpans? Spans { get; init; }

    /// <summary>Factor on Δ after softplus, [B, E]; null: none.</summary>
    public torch.Tensor? DeltaScale { get; init; }

    /// <summary>Factor on y + D·h, [B, E]; null: none.</summary>
    public torch.Tensor? OutputScale { get; init; }

    /// <summary>Factor on SiLU(z), [B, E]; null: none.</summary>
    public torch.Tensor? GateScale { get; init; }
}
