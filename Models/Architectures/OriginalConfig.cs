using System.Text.Json;
using Sweep.Models.Checkpoints;

namespace Sweep.Models.Architectures;

/// <summary>
/// The config.json of the original state-spaces repository (MambaConfig of mamba_ssm): d_model, n_layer, vocab_size before padding, and ssm_cfg, whose "layer" names the mixer.
/// What an architecture does not have here (attention layers, an MLP between mixers, LayerNorm) is refused.
/// </summary>
internal sealed record OriginalConfig
{
    private const string FirstMixer = "Mamba1";

    public required int DModel { get; init; }

    public required int LayerCount { get; init; }

    /// <summary>Rounded up to pad_vocab_size_multiple, as the embedding is.</summary>
    public required int VocabularySize { get; init; }

    public required bool ResidualInFp32 { get; init; }

    public required bool TieWordEmbeddings { get; init; }

    public required IReadOnlyList<int> EosTokenIds { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public static bool Is(ConfigFields fields) => fields.Find("d_model") is not null && fields.Find("n_layer") is not null;

    public static ModelConfig Read(string path, ConfigFields fields, ProblemList problems)
    {
        var ssm = fields.Find("ssm_cfg") ?? JsonElement.Parse("{}");
        if (ssm.ValueKind != JsonValueKind.Object)
            throw new InvalidCheckpointException($"{path}: ssm_cfg: found {JsonFile.Show(ssm)}, expected an object");
        var inner = new ConfigFields(ssm, problems, "ssm_cfg.");
        var name = inner.Find("layer") is null ? FirstMixer : inner.Text("layer");
        if (name is null || ArchitectureCatalog.FindOriginal(name) is not { } architecture)
            throw new InvalidCheckpointException($"{path}: ssm_cfg.layer: found {JsonFile.Show(ssm.GetProperty("layer"))}, expected one of those supported: {ArchitectureCatalog.OriginalNames}");
        return architecture.ReadOriginal(Common(fields), inner);
    }

    private static OriginalConfig Common(ConfigFields fields)
    {
        fields.Require("vocab_size");
        var multiple = fields.Integer("pad_vocab_size_multiple", 8, 1, 1 << 16);
        var vocabulary = fields.Integer("vocab_size", 0, 1, 1 << 24);
        var padded = (vocabulary + multiple - 1) / multiple * multiple;
        fields.MustBe("rms_norm", true, "expected true: LayerNorm is not supported");
        if (fields.Integer("d_intermediate", 0, 0, int.MaxValue) > 0)
            fields.Add("d_intermediate: found an MLP between mixers, expected 0");
        if (fields.Find("attn_layer_idx") is { } attention && (attention.ValueKind != JsonValueKind.Array || attention.GetArrayLength() > 0))
            fields.Add($"attn_layer_idx: found {JsonFile.Show(attention)}, expected none: attention layers are not supported");
        var eos = fields.EosTokens(padded);
        var isStated = fields.Find("eos_token_id") is not null;
        return new()
        {
            DModel = fields.Integer("d_model", 0, 1, ConfigFields.MaxSize),
            LayerCount = fields.Integer("n_layer", 0, 1, 4096),
            VocabularySize = padded,
            ResidualInFp32 = fields.Switch("residual_in_fp32", true),
            TieWordEmbeddings = fields.Switch("tie_embeddings", true),
            EosTokenIds = isStated ? eos : [0],
            Notes = isStated ? [] : ["config.json of the original layout names no eos_token_id: generation ends at token 0, <|endoftext|> of GPT-NeoX, with which its published checkpoints were trained"],
        };
    }
}
