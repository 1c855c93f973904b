using Sweep.Models.Architectures;
using Sweep.Models.Checkpoints;
using Sweep.Models.Mamba;
using Sweep.Models.Mamba2;
using Sweep.Tests;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Architectures;

/// <summary>Folders of the original state-spaces repository: other keys, a vocabulary that is padded, and one other tensor's name.</summary>
public sealed class OriginalLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>The fields as published for state-spaces/mamba-130m.</summary>
    [Fact]
    public void Read_PublishedMamba_HasThePaddedVocabulary()
    {
        var config = Assert.IsType<MambaConfig>(Read(
            """{"d_model":768,"n_layer":24,"vocab_size":50277,"ssm_cfg":{},"rms_norm":true,"residual_in_fp32":true,"fused_add_norm":true,"pad_vocab_size_multiple":8}"""));
        Assert.Equal(("mamba", 50280, 768, 24, 1536, 16, 4, 48), (config.ModelType, config.VocabularySize, config.DModel, config.LayerCount, config.DInner, config.DState, config.DConv, config.DtRank));
        Assert.True(config.TieWordEmbeddings);
        Assert.Equal([0], config.EosTokenIds);
        Assert.Contains("no eos_token_id", Assert.Single(config.Notes), StringComparison.Ordinal);
        Assert.Equal(129_135_360, MambaShapes.ParameterCount(config));
    }

    /// <summary>The fields as published for state-spaces/mamba2-130m, and its parameters.</summary>
    [Fact]
    public void Read_PublishedMamba2_HasItsHeads()
    {
        var config = Assert.IsType<Mamba2Config>(Read(
            """
            {"d_model":768,"d_intermediate":0,"n_layer":24,"vocab_size":50277,"ssm_cfg":{"layer":"Mamba2"},"attn_layer_idx":[],"attn_cfg":{},"rms_norm":true,"residual_in_fp32":true,
            "fused_add_norm":true,"pad_vocab_size_multiple":16,"tie_embeddings":true,"eos_token_id":0}
            """));
        Assert.Equal((50288, 24, 64, 1, 128, 1536), (config.VocabularySize, config.HeadCount, config.HeadDim, config.GroupCount, config.DState, config.DInner));
        Assert.Empty(config.Notes);
        Assert.Equal(128_989_632, MambaShapes.ParameterCount(config));
    }

    /// <summary>Where the groups are more than one, the norm is that of mamba_ssm.</summary>
    [Theory]
    [InlineData("", 2)]
    [InlineData(",\"norm_groups\":1", 1)]
    public void Read_Groups_AreThoseOfTheNormUnlessStated(string field, int expected)
    {
        var config = Assert.IsType<Mamba2Config>(Read("""{"d_model":64,"n_layer":2,"vocab_size":100,"ssm_cfg":{"layer":"Mamba2","headdim":16,"ngroups":2,"d_state":8,"dt_limit":[0.0, Infinity]""" + field + "}}"));
        Assert.Equal((expected, 2, 8, 104), (config.NormGroups, config.GroupCount, config.HeadCount, config.VocabularySize));
    }

    [Theory]
    [InlineData(""" "ssm_cfg":{"layer":"Mamba3"} """, "ssm_cfg.layer: found \"Mamba3\", expected one of those supported: Mamba1, Mamba2")]
    [InlineData(""" "ssm_cfg":{"layer":2} """, "ssm_cfg.layer: found 2")]
    [InlineData(""" "ssm_cfg":[] """, "ssm_cfg: found [], expected an object")]
    [InlineData(""" "rms_norm":false """, "rms_norm: found false, expected true: LayerNorm is not supported")]
    [InlineData(""" "attn_layer_idx":[9] """, "attn_layer_idx: found [9], expected none: attention layers are not supported")]
    [InlineData(""" "d_intermediate":512 """, "d_intermediate: found an MLP between mixers, expected 0")]
    [InlineData(""" "ssm_cfg":{"d_state":0} """, "ssm_cfg.d_state: found 0")]
    [InlineData(""" "ssm_cfg":{"layer":"Mamba2","norm_before_gate":true} """, "ssm_cfg.norm_before_gate: found true, expected false")]
    [InlineData(""" "ssm_cfg":{"layer":"Mamba2","d_ssm":64} """, "ssm_cfg.d_ssm: expected 128")]
    [InlineData(""" "ssm_cfg":{"layer":"Mamba2","headdim":48} """, "ssm_cfg.heads: found 2 of 48 channels, expected 128")]
    public void Read_WhatIsNotSupported_IsRefused(string field, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidCheckpointException>(() => Read("""{"d_model":64,"n_layer":2,"vocab_size":100,""" + field + "}")).Message, StringComparison.Ordinal);

    /// <summary>The same weights in both layouts are one model: same hash, same logits; the head, a copy of the embedding as torch saves it, is checked.</summary>
    [Theory]
    [InlineData("mamba", "Mamba1", CheckpointTensors.SingleFile, "")]
    [InlineData("mamba2", "Mamba2", CheckpointTensors.ConsolidatedFile, "model.")]
    public void Open_OriginalNames_IsTheSameModel(string modelType, string layer, string file, string prefix)
    {
        var architecture = ArchitectureCatalog.Find(modelType)!;
        var transformers = Path.Combine(_folder.Path, "transformers");
        var config = NewModel.Write(transformers, architecture, "tiny", 3);
        var original = Directory.CreateDirectory(Path.Combine(_folder.Path, "original")).FullName;
        var more = config is Mamba2Config mamba2 ? $",\"headdim\":{mamba2.HeadDim},\"d_state\":{mamba2.DState}" : "";
        File.WriteAllText(
            Path.Combine(original, "config.json"),
            $$"""{"d_model":{{config.DModel}},"n_layer":{{config.LayerCount}},"vocab_size":{{config.VocabularySize - 3}},"pad_vocab_size_multiple":8,"ssm_cfg":{"layer":"{{layer}}"{{more}}} }""");
        using var source = SafetensorsFile.Open(Path.Combine(transformers, CheckpointTensors.SingleFile));
        SafetensorsSource Named(string name, string stored) => SafetensorsSource.Of(prefix + name, SafetensorsDtype.F32, source.Tensors[stored].Shape, source.Bytes(stored).ToArray());
        SafetensorsWriter.Write(
            Path.Combine(original, file),
            source.Tensors.Keys.Select(name => Named(name == MambaShapes.Embeddings ? "backbone.embedding.weight" : name, name)).Append(Named(MambaShapes.Head, MambaShapes.Embeddings)));

        using var expected = CheckpointFolder.Open(transformers);
        using var found = CheckpointFolder.Open(original);
        Assert.Equal(expected.WeightsHash, found.WeightsHash);
        using var one = expected.LoadModel();
        using var other = found.LoadModel();
        var tokens = tensor(new long[] { 3, 1, 4, 1, 5 }, 1, 5);
        Assert.Equal(one.Forward(tokens).data<float>().ToArray(), other.Forward(tokens).data<float>().ToArray());
    }

    [Fact]
    public void Open_OriginalPickle_IsRefusedWithALineThatConvertsIt()
    {
        File.WriteAllText(_folder.File("config.json"), """{"d_model":64,"n_layer":2,"vocab_size":100,"ssm_cfg":{}}""");
        File.WriteAllBytes(_folder.File("pytorch_model.bin"), [1]);
        var message = Assert.Throws<InvalidCheckpointException>(() => CheckpointFolder.Open(_folder.Path)).Message;
        Assert.Contains("found pytorch_model.bin only, expected model.safetensors", message, StringComparison.Ordinal);
        Assert.Contains("python -c \"import torch, safetensors.torch as s; w = torch.load('pytorch_model.bin', map_location='cpu', weights_only=True)", message, StringComparison.Ordinal);
    }

    private ModelConfig Read(string json)
    {
        File.WriteAllText(_folder.File("config.json"), json);
        return ConfigFile.Read(_folder.File("config.json"));
    }
}
