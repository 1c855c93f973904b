using System.Text.Json;
using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba2;

/// <summary>Mamba-2 (Dao and Gu, "Transformers are SSMs: generalized models and efficient algorithms through structured state space duality", 2024).</summary>
internal sealed class Mamba2Architecture : Architecture<Mamba2Config, Mamba2LayerWeights>
{
    private const int PublishedVocabulary = 50288;

    public static Mamba2Architecture Instance { get; } = new();

    public override string ModelType => "mamba2";

    internal override string TransformersClass => "Mamba2ForCausalLM";

    internal override string OriginalName => "Mamba2";

    /// <summary>The published shapes; codestral-7b is Mamba-Codestral-7B-v0.1 with the norm of mamba_ssm.</summary>
    internal override IReadOnlyDictionary<string, ModelConfig> Sizes { get; } = new Dictionary<string, ModelConfig>(StringComparer.Ordinal)
    {
        ["tiny"] = Sized(64, 4, 272) with { HeadCount = 8, HeadDim = 16, DState = 32, ChunkSize = 32 },
        ["130m"] = Sized(768, 24, PublishedVocabulary),
        ["370m"] = Sized(1024, 48, PublishedVocabulary),
        ["780m"] = Sized(1536, 48, PublishedVocabulary),
        ["1.3b"] = Sized(2048, 48, PublishedVocabulary),
        ["2.7b"] = Sized(2560, 64, PublishedVocabulary),
        ["codestral-7b"] = Sized(4096, 64, 32768) with { GroupCount = 8, NormGroups = 8, TieWordEmbeddings = false, EosTokenIds = [2] },
    };

    internal override ModelConfig ReadConfig(ConfigFields fields)
    {
        fields.Require("vocab_size", "hidden_size", "num_hidden_layers", "state_size", "conv_kernel", "num_heads", "head_dim", "n_groups");
        fields.MustBeSilu("hidden_act");
        fields.MustBe("rms_norm", true, "expected true: a mixer without its norm is not supported");
        var vocabulary = fields.Integer("vocab_size", 0, 1, 1 << 24);
        var dModel = fields.Integer("hidden_size", 0, 1, ConfigFields.MaxSize);
        var inner = fields.Product("expand · hidden_size", (long)fields.Integer("expand", 2, 1, 64) * dModel);
        var groups = fields.Integer("n_groups", 1, 1, 4096);
        var (low, high) = fields.Limits("time_step_limit");
        return Checked(fields, new()
        {
            ModelType = ModelType,
            VocabularySize = vocabulary,
            DModel = dModel,
            LayerCount = fields.Integer("num_hidden_layers", 0, 1, 4096),
            DInner = inner,
            DState = fields.Integer("state_size", 0, 1, 4096),
            DConv = fields.Integer("conv_kernel", 0, 1, 64),
            HeadCount = fields.Integer("num_heads", 0, 1, ConfigFields.MaxSize),
            HeadDim = fields.Integer("head_dim", 0, 1, ConfigFields.MaxSize),
            GroupCount = groups,
            ChunkSize = fields.Integer("chunk_size", 256, 1, 1 << 16),
            DeltaMinimum = low,
            DeltaMaximum = high,
            NormGroups = fields.Integer("norm_groups", 1, 1, 4096),
            NormEpsilon = fields.Epsilon("layer_norm_epsilon", 1e-5),
            UseBias = fields.Switch("use_bias", false),
            UseConvBias = fields.Switch("use_conv_bias", true),
            ResidualInFp32 = fields.Switch("residual_in_fp32", true),
            TieWordEmbeddings = fields.Switch("tie_word_embeddings", false),
            EosTokenIds = fields.EosTokens(vocabulary),
            TorchDtype = fields.Text("dtype") ?? fields.Text("torch_dtype"),
            Notes = groups == 1 || fields.Find("norm_groups") is not null ? [] : [NormNote(groups)],
        });
    }

    internal override ModelConfig ReadOriginal(OriginalConfig original, ConfigFields fields)
    {
        fields.MustBe("rmsnorm", true, "expected true: a mixer without its norm is not supported");
        fields.MustBe("norm_before_gate", false, "expected false: a norm before the gate is not supported");
        fields.MustBe("D_has_hdim", false, "expected false: a D of every channel is not supported");
        var inner = fields.Product("expand · d_model", (long)fields.Integer("expand", 2, 1, 64) * original.DModel);
        if (fields.Integer("d_ssm", inner, 1, ConfigFields.MaxSize) != inner)
            fields.Add($"d_ssm: expected {inner}, all channels: a mixer with an MLP inside is not supported");
        var headDim = fields.Integer("headdim", 64, 1, ConfigFields.MaxSize);
        var groups = fields.Integer("ngroups", 1, 1, 4096);
        var (low, high) = fields.Limits("dt_limit");
        return Checked(fields, new()
        {
            ModelType = ModelType,
            VocabularySize = original.VocabularySize,
            DModel = original.DModel,
            LayerCount = original.LayerCount,
            DInner = inner,
            DState = fields.Integer("d_state", 128, 1, 4096),
            DConv = fields.Integer("d_conv", 4, 1, 64),
            HeadCount = inner / headDim,
            HeadDim = headDim,
            GroupCount = groups,
            ChunkSize = fields.Integer("chunk_size", 256, 1, 1 << 16),
            DeltaMinimum = low,
            DeltaMaximum = high,
            NormGroups = fields.Integer("norm_groups", groups, 1, 4096),
            NormEpsilon = 1e-5,
            UseBias = fields.Switch("bias", false),
            UseConvBias = fields.Switch("conv_bias", true),
            ResidualInFp32 = original.ResidualInFp32,
            TieWordEmbeddings = original.TieWordEmbeddings,
            EosTokenIds = original.EosTokenIds,
            Notes = original.Notes,
        });
    }

    protected override void Write(Utf8JsonWriter json, Mamba2Config config)
    {
        json.WriteNumber("expand", config.DInner / config.DModel);
        json.WriteNumber("num_heads", config.HeadCount);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteNumber("n_groups", config.GroupCount);
        json.WriteNumber("norm_groups", config.NormGroups);
        json.WriteNumber("chunk_size", config.ChunkSize);
        json.WriteStartArray("time_step_limit");
        json.WriteNumberValue(config.DeltaMinimum);
        if (double.IsFinite(config.DeltaMaximum))
        {
            json.WriteNumberValue(config.DeltaMaximum);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("__float__", "Infinity");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("rms_norm", true);
    }

    protected override IEnumerable<MixerTensor> Mixer(Mamba2Config config)
    {
        long d = config.DModel, e = config.DInner, k = config.DConv, h = config.HeadCount, width = config.ConvolutionWidth, projected = config.InProjectionWidth;
        yield return new("A_log", [h], new(drawing => Math.Log(drawing.Uniform(1, 16))));
        yield return new("D", [h], Filling.Constant(1));
        yield return new("dt_bias", [h], Filling.StepSizes);
        yield return new("conv1d.weight", [width, 1, k], Filling.Linear(k));
        if (config.UseConvBias)
            yield return new("conv1d.bias", [width], Filling.Linear(k));
        yield return new("in_proj.weight", [projected, d], Filling.Linear(d));
        yield return new("norm.weight", [e], Filling.Constant(1));
        yield return new("out_proj.weight", [d, e], Filling.Linear(e, 1 / Math.Sqrt(config.LayerCount)));
        if (!config.UseBias)
            yield break;
        yield return new("in_proj.bias", [projected], Filling.Constant(0));
        yield return new("out_proj.bias", [d], Filling.Constant(0));
    }

    protected override Mamba2LayerWeights Take(Mamba2Config config, WeightSource source, int layer) => Mamba2LayerWeights.Take(source, config, layer);

    protected override Block Block(Mamba2Config config, Mamba2LayerWeights weights, Tensor? nextNorm, BlockOperations operations, int layer) =>
        new Mamba2Block(config, weights, nextNorm, operations, layer);

    private static string NormNote(int groups) =>
        $"the gated norm takes its mean over all channels, as transformers does, though n_groups is {groups}: mamba_ssm, the original, takes it over each of {groups} groups. "
            + $"Write \"norm_groups\": {groups} into config.json for that, or \"norm_groups\": 1 to confirm this";

    private static Mamba2Config Checked(ConfigFields fields, Mamba2Config config)
    {
        if ((long)config.HeadCount * config.HeadDim != config.DInner)
            fields.Add($"heads: found {config.HeadCount} of {config.HeadDim} channels, expected {config.DInner} channels together, expand times the model's width");
        else if (config.HeadCount % config.GroupCount != 0)
            fields.Add($"groups: found {config.GroupCount}, expected a divisor of the {config.HeadCount} heads");
        if (config.NormGroups != 1 && config.NormGroups != config.GroupCount)
            fields.Add($"norm_groups: found {config.NormGroups}, expected {(config.GroupCount == 1 ? "1" : $"1 or {config.GroupCount}, the groups of B and C")}");
        fields.Product("in_proj", (long)config.DInner + config.DInner + (2L * config.GroupCount * config.DState) + config.HeadCount);
        return config;
    }

    /// <summary>A published shape: E = 2d, P = 64, G = 1, N = 128, K = 4, no biases but the convolution's.</summary>
    private static Mamba2Config Sized(int dModel, int layers, int vocabulary) => new()
    {
        ModelType = "mamba2",
        VocabularySize = vocabulary,
        DModel = dModel,
        LayerCount = layers,
        DInner = 2 * dModel,
        DState = 128,
        DConv = 4,
        HeadCount = 2 * dModel / 64,
        HeadDim = 64,
        GroupCount = 1,
        ChunkSize = 256,
        DeltaMinimum = 0,
        DeltaMaximum = double.PositiveInfinity,
        NormGroups = 1,
        NormEpsilon = 1e-5,
        UseBias = false,
        UseConvBias = true,
        ResidualInFp32 = true,
        TieWordEmbeddings = true,
        EosTokenIds = [0],
    };
}
