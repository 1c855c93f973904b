using System.Globalization;
using Sweep.Models.Architectures;
using Sweep.Models.Steering;

namespace Sweep.Models.Mamba2;

/// <summary>The sizes and switches of a Mamba-2 checkpoint (transformers' Mamba2Config).</summary>
public sealed record Mamba2Config : ModelConfig
{
    /// <summary>H, heads; each has one Δ, A and D [num_heads].</summary>
    public required int HeadCount { get; init; }

    /// <summary>P, channels of a head; H · P = d_inner [head_dim].</summary>
    public required int HeadDim { get; init; }

    /// <summary>G, groups of heads that share B and C [n_groups].</summary>
    public required int GroupCount { get; init; }

    /// <summary>Positions that are multiplied at once; the results differ in rounding only [chunk_size].</summary>
    public required int ChunkSize { get; init; }

    /// <summary>Δ is at least this, after softplus [time_step_limit].</summary>
    public required double DeltaMinimum { get; init; }

    /// <summary>Δ is at most this; may be infinite [time_step_limit].</summary>
    public required double DeltaMaximum { get; init; }

    /// <summary>
    /// Groups of the gated norm: 1 takes the mean of squares over d_inner, as transformers does; G over each group's d_inner / G channels, as mamba_ssm does. They differ where G is
    /// not 1 [norm_groups, a field of ours].
    /// </summary>
    public required int NormGroups { get; init; }

    public override int? MixerNormGroups => NormGroups;

    /// <summary>in_proj, convolution, three a state element in the scan, out_proj.</summary>
    public override long BlockMultiplyAdds
    {
        get
        {
            long d = DModel, e = DInner;
            return (d * InProjectionWidth) + ((long)ConvolutionWidth * DConv) + (3 * e * DState) + (e * d);
        }
    }

    /// <summary>z, x, B, C and dt.</summary>
    internal int InProjectionWidth => DInner + ConvolutionWidth + HeadCount;

    /// <summary>x, B and C.</summary>
    internal override int ConvolutionWidth => DInner + (2 * GroupCount * DState);

    internal override Architecture Architecture => Mamba2Architecture.Instance;

    /// <summary>Delta is a value a head; SsmInput is dt, B and C, as in Mamba-1.</summary>
    internal override int Width(Site site) => site switch
    {
        Site.ResidualPre or Site.NormalizedInput or Site.MixerOutput or Site.ResidualPost => DModel,
        Site.InProjection => InProjectionWidth,
        Site.SsmInput => HeadCount + (2 * GroupCount * DState),
        Site.Delta => HeadCount,
        Site.SsmState => DState,
        _ => DInner,
    };

    internal override string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{ModelType} V={VocabularySize} d={DModel} n={LayerCount} E={DInner} N={DState} K={DConv} H={HeadCount} P={HeadDim} G={GroupCount} dt={DeltaMinimum:R}..{DeltaMaximum:R} "
            + $"norm_groups={NormGroups} eps={NormEpsilon:R} bias={UseBias} conv_bias={UseConvBias} fp32={ResidualInFp32} tied={TieWordEmbeddings} eos={string.Join(',', EosTokenIds)}");
}
