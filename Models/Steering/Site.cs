namespace Sweep.Models.Steering;

/// <summary>A place in a block where an activation can be read and changed; docs/glossary.md gives the exact tensor of each.</summary>
public enum Site
{
    /// <summary>The block's input [B, L, d_model], carried by the skip too.</summary>
    ResidualPre,

    /// <summary>After the block's RMSNorm [B, L, d_model].</summary>
    NormalizedInput,

    /// <summary>Output of in_proj [B, L, 2·d_inner], in Mamba-2 [B, L, 2·d_inner + 2·G·d_state + H].</summary>
    InProjection,

    /// <summary>SiLU(z), the factor on the scan's output [B, L, d_inner].</summary>
    Gate,

    /// <summary>After the causal convolution and SiLU [B, L, d_inner]; feeds x_proj, the scan and D; in Mamba-2 without B and C.</summary>
    Convolution,

    /// <summary>δ, B and C, the output of x_proj [B, L, dt_rank + 2·d_state], as the scan reads them; in Mamba-2 dt before its bias, B and C [B, L, H + 2·G·d_state].</summary>
    SsmInput,

    /// <summary>Δ after softplus [B, L, d_inner], in Mamba-2 and clamp [B, L, H].</summary>
    Delta,

    /// <summary>The SSM state [B, d_inner, d_state] after a position.</summary>
    SsmState,

    /// <summary>y + D·h before the gate [B, L, d_inner].</summary>
    SsmOutput,

    /// <summary>Input of out_proj [B, L, d_inner], in Mamba-2 after the gated norm.</summary>
    GatedOutput,

    /// <summary>Output of out_proj, before the residual add [B, L, d_model].</summary>
    MixerOutput,

    /// <summary>The block's output r + m [B, L, d_model].</summary>
    ResidualPost,
}
