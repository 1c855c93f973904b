using System.Text.Json;
using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.FalconMamba;

/// <summary>FalconMamba: Mamba-1 whose δ, B and C are normalised before dt_proj and the scan read them; no weights of its own.</summary>
internal sealed class FalconMambaArchitecture : Architecture<FalconMambaConfig, MambaLayerWeights>
{
    private const double DefaultMixerEpsilon = 1e-6;

    public static FalconMambaArchitecture Instance { get; } = new();

    public override string ModelType => "falcon_mamba";

    internal override string TransformersClass => "FalconMambaForCausalLM";

    internal override IReadOnlyDictionary<string, ModelConfig> Sizes { get; } = new Dictionary<string, ModelConfig>(StringComparer.Ordinal)
    {
        ["tiny"] = Sized(64, 4, 272),
        ["7b"] = Sized(4096, 64, 65024),
    };

    internal override ModelConfig ReadConfig(ConfigFields fields) =>
        new FalconMambaConfig(MambaArchitecture.Read(fields, ModelType), fields.Epsilon("mixer_rms_eps", DefaultMixerEpsilon));

    protected override void Write(Utf8JsonWriter json, FalconMambaConfig config)
    {
        MambaArchitecture.WriteFields(json, config);
        json.WriteNumber("mixer_rms_eps", config.MixerNormEpsilon);
    }

    protected override IEnumerable<MixerTensor> Mixer(FalconMambaConfig config) => MambaArchitecture.Tensors(config);

    protected override MambaLayerWeights Take(FalconMambaConfig config, WeightSource source, int layer) => MambaLayerWeights.Take(source, config, layer);

    protected override Block Block(FalconMambaConfig config, MambaLayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer) =>
        new FalconMambaBlock(config, weights, nextNorm, operations, layer);

    private static FalconMambaConfig Sized(int dModel, int layers, int vocabulary) =>
        new(MambaArchitecture.Sized(dModel, layers, vocabulary) with { ModelType = "falcon_mamba", TieWordEmbeddings = false }, DefaultMixerEpsilon);
}
