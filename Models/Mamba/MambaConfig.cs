using System.Globalization;
using Sweep.Models.Architectures;
using Sweep.Models.Steering;

namespace Sweep.Models.Mamba;

/// <summary>The sizes and switches of a Mamba-1 checkpoint (transformers' MambaConfig).</summary>
public record MambaConfig : ModelConfig
{
    /// <summary>dt_rank [time_step_rank; "auto" is ceil(d_model / 16)].</summary>
    public required int DtRank { get; init; }

    /// <summary>in_proj, convolution, x_proj, dt_proj, three a state element in the scan, out_proj.</summary>
    public override long BlockMultiplyAdds
    {
        get
        {
            long d = DModel, e = DInner, n = DState, r = DtRank;
            return (2 * d * e) + (e * DConv) + (e * (r + (2 * n))) + (r * e) + (3 * e * n) + (e * d);
        }
    }

    internal override Architecture Architecture => MambaArchitecture.Instance;

    internal override int Width(Site site) => site switch
    {
        Site.ResidualPre or Site.NormalizedInput or Site.MixerOutput or Site.ResidualPost => DModel,
        Site.InProjection => 2 * DInner,
        Site.SsmInput => DtRank + 2 * DState,
        Site.SsmState => DState,
        _ => DInner,
    };

    internal override string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{ModelType} V={VocabularySize} d={DModel} n={LayerCount} E={DInner} N={DState} K={DConv} R={DtRank} eps={NormEpsilon:R} bias={UseBias} conv_bias={UseConvBias} "
            + $"fp32={ResidualInFp32} tied={TieWordEmbeddings} eos={string.Join(',', EosTokenIds)}");
}
