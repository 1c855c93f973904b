using System.Text.Json;
using Sweep.Models.Architectures;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba;

/// <summary>Mamba-1 (Gu and Dao, "Mamba: linear-time sequence modeling with selective state spaces", 2023).</summary>
internal sealed class MambaArchitecture : Architecture<MambaConfig, MambaLayerWeights>
{
    private const int PublishedVocabulary = 50280;

    public static MambaArchitecture Instance { get; } = new();

    public override string ModelType => "mamba";

    internal override string TransformersClass => "MambaForCausalLM";

    internal override string OriginalName => "Mamba1";

    internal override IReadOnlyDictionary<string, ModelConfig> Sizes { get; } = new Dictionary<string, ModelConfig>(StringComparer.Ordinal)
    {
        ["tiny"] = Sized(64, 4, 272),
        ["130m"] = Sized(768, 24, PublishedVocabulary),
        ["370m"] = Sized(1024, 48, PublishedVocabulary),
        ["790m"] = Sized(1536, 48, PublishedVocabulary),
        ["1.4b"] = Sized(2048, 48, PublishedVocabulary),
        ["2.8b"] = Sized(2560, 64, PublishedVocabulary),
    };

    internal override ModelConfig ReadConfig(ConfigFields fields) => Read(fields, ModelType);

    /// <summary>Also for architectures whose config is this one and a little more.</summary>
    internal static MambaConfig Read(ConfigFields fields, string modelType)
    {
        fields.Require("vocab_size", "hidden_size", "num_hidden_layers", "state_size", "conv_kernel");
        fields.MustBeSilu("hidden_act");
        var vocabulary = fields.Integer("vocab_size", 0, 1, 1 << 24);
        var dModel = fields.Integer("hidden_size", 0, 1, ConfigFields.MaxSize);
        return new()
        {
            ModelType = modelType,
            VocabularySize = vocabulary,
            DModel = dModel,
            LayerCount = fields.Integer("num_hidden_layers", 0, 1, 4096),
            DInner = Inner(fields, dModel),
            DState = fields.Integer("state_size", 0, 1, 4096),
            DConv = fields.Integer("conv_kernel", 0, 1, 64),
            DtRank = Rank(fields, "time_step_rank", dModel),
            NormEpsilon = fields.Epsilon("layer_norm_epsilon", 1e-5),
            UseBias = fields.Switch("use_bias", false),
            UseConvBias = fields.Switch("use_conv_bias", true),
            ResidualInFp32 = fields.Switch("residual_in_fp32", true),
            TieWordEmbeddings = fields.Switch("tie_word_embeddings", true),
            EosTokenIds = fields.EosTokens(vocabulary),
            TorchDtype = fields.Text("dtype") ?? fields.Text("torch_dtype"),
        };
    }

    internal override ModelConfig ReadOriginal(OriginalConfig original, ConfigFields fields) => new MambaConfig
    {
        ModelType = ModelType,
        VocabularySize = original.VocabularySize,
        DModel = original.DModel,
        LayerCount = original.LayerCount,
        DInner = fields.Product("expand · d_model", (long)fields.Integer("expand", 2, 1, 64) * original.DModel),
        DState = fields.Integer("d_state", 16, 1, 4096),
        DConv = fields.Integer("d_conv", 4, 1, 64),
        DtRank = Rank(fields, "dt_rank", original.DModel),
        NormEpsilon = 1e-5,
        UseBias = fields.Switch("bias", false),
        UseConvBias = fields.Switch("conv_bias", true),
        ResidualInFp32 = original.ResidualInFp32,
        TieWordEmbeddings = original.TieWordEmbeddings,
        EosTokenIds = original.EosTokenIds,
        Notes = original.Notes,
    };

    /// <summary>In the order of transformers' module.</summary>
    internal static IEnumerable<MixerTensor> Tensors(MambaConfig config)
    {
        long d = config.DModel, e = config.DInner, n = config.DState, k = config.DConv, r = config.DtRank;
        yield return new("A_log", [e, n], new(drawing => Math.Log(1 + (drawing.Index % n))));
        yield return new("D", [e], Filling.Constant(1));
        yield return new("conv1d.weight", [e, 1, k], Filling.Linear(k));
        if (config.UseConvBias)
            yield return new("conv1d.bias", [e], Filling.Linear(k));
        yield return new("in_proj.weight", [2 * e, d], Filling.Linear(d));
        yield return new("x_proj.weight", [r + (2 * n), e], Filling.Linear(e));
        yield return new("dt_proj.weight", [e, r], Filling.Linear(r));
        yield return new("dt_proj.bias", [e], Filling.StepSizes);
        yield return new("out_proj.weight", [d, e], Filling.Linear(e, 1 / Math.Sqrt(config.LayerCount)));
        if (!config.UseBias)
            yield break;
        yield return new("in_proj.bias", [2 * e], Filling.Constant(0));
        yield return new("out_proj.bias", [d], Filling.Constant(0));
    }

    internal static void WriteFields(Utf8JsonWriter json, MambaConfig config)
    {
        json.WriteNumber("intermediate_size", config.DInner);
        json.WriteNumber("time_step_rank", config.DtRank);
    }

    /// <summary>A published shape: E = 2d, N = 16, K = 4, R = d / 16 rounded up, no biases but the convolution's.</summary>
    internal static MambaConfig Sized(int dModel, int layers, int vocabulary) => new()
    {
        ModelType = "mamba",
        VocabularySize = vocabulary,
        DModel = dModel,
        LayerCount = layers,
        DInner = 2 * dModel,
        DState = 16,
        DConv = 4,
        DtRank = (dModel + 15) / 16,
        NormEpsilon = 1e-5,
        UseBias = false,
        UseConvBias = true,
        ResidualInFp32 = true,
        TieWordEmbeddings = true,
        EosTokenIds = [0],
    };

    protected override void Write(Utf8JsonWriter json, MambaConfig config) => WriteFields(json, config);

    protected override IEnumerable<MixerTensor> Mixer(MambaConfig config) => Tensors(config);

    protected override MambaLayerWeights Take(MambaConfig config, WeightSource source, int layer) => MambaLayerWeights.Take(source, config, layer);

    protected override Block Block(MambaConfig config, MambaLayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer) =>
        new MambaBlock(config, weights, nextNorm, operations, layer);

    private static int Inner(ConfigFields fields, int dModel) => fields.Find("intermediate_size") is not null
        ? fields.Integer("intermediate_size", 0, 1, ConfigFields.MaxSize)
        : fields.Product("expand · hidden_size", (long)fields.Integer("expand", 2, 1, 64) * dModel);

    /// <summary>"auto" or absent is ceil(d_model / 16).</summary>
    private static int Rank(ConfigFields fields, string name, int dModel) => fields.Find(name) is null || fields.Text(name) == "auto"
        ? (dModel + 15) / 16
        : fields.Integer(name, 0, 1, ConfigFields.MaxSize);
}
