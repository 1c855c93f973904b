using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sweep.Models.Architectures;
using Sweep.Models.Mamba;

namespace Sweep.Models.FalconMamba;

/// <summary>A Mamba-1 config and the epsilon of the norms inside the mixer (transformers' FalconMambaConfig).</summary>
public sealed record FalconMambaConfig : MambaConfig
{
    /// <param name="config">Whose model_type must be this architecture's.</param>
    /// <param name="mixerNormEpsilon">See <see cref="MixerNormEpsilon"/>.</param>
    [SetsRequiredMembers]
    public FalconMambaConfig(MambaConfig config, double mixerNormEpsilon)
        : base(config)
    {
        MixerNormEpsilon = mixerNormEpsilon;
    }

    /// <summary>Epsilon of the weightless RMS norms of δ, B and C [mixer_rms_eps].</summary>
    public double MixerNormEpsilon { get; }

    internal override Architecture Architecture => FalconMambaArchitecture.Instance;

    internal override string Describe() => base.Describe() + string.Create(CultureInfo.InvariantCulture, $" mixer_eps={MixerNormEpsilon:R}");
}
