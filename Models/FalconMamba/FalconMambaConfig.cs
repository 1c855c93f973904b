using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sweep.Models.Architectures;
using Sweep.Models.Mamba;

namespace Sweep.Models.FalconMamba;

/// <summary>A Mamba-1 config and the epsilon of the norms inside the mixer (transformers' FalconMambaConfig).</summary>
public sealed record FalconMambaConfig : MambaConfig
{
    [SetsRequiredMembers]
    internal FalconMambaConfig(MambaConfig mamba, double mixerNormEpsilon)
        : base(mamba)
    {
        MixerNormEpsilon = mixerNormEpsilon;
    }

    /// <summary>Epsilon of the weightless RMS norms of δ, B and C [mixer_rms_eps].</summary>
    public double MixerNormEpsilon { get; }

    internal override Architecture Architecture => FalconMambaArchitecture.Instance;

    internal override string Describe() => base.Describe() + string.Create(CultureInfo.InvariantCulture, $" mixer_eps={MixerNormEpsilon:R}");
}
