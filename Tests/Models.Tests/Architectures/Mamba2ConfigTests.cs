using Sweep.Models.Architectures;
using Sweep.Models.Checkpoints;
using Sweep.Models.FalconMamba;
using Sweep.Models.Mamba2;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Architectures;

/// <summary>What the config.json of Mamba-2 and FalconMamba say.</summary>
public sealed class Mamba2ConfigTests : IDisposable
{
    private const string Small = """ "model_type":"mamba2","vocab_size":320,"hidden_size":40,"num_hidden_layers":2,"state_size":16,"conv_kernel":4,"num_heads":10,"head_dim":8,"n_groups":2 """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_RequiredFieldsOnly_TakesTransformersDefaults()
    {
        var config = Read("{" + Small + "}");
        Assert.Equal((80, 10, 8, 2, 256), (config.DInner, config.HeadCount, config.HeadDim, config.GroupCount, config.ChunkSize));
        Assert.Equal((0, double.PositiveInfinity, 1, 1e-5), (config.DeltaMinimum, config.DeltaMaximum, config.NormGroups, config.NormEpsilon));
        Assert.Equal((false, true, true, false), (config.UseBias, config.UseConvBias, config.ResidualInFp32, config.TieWordEmbeddings));
    }

    [Theory]
    [InlineData("[0.0, {\"__float__\": \"Infinity\"}]", 0, double.PositiveInfinity)]
    [InlineData("[0.0, Infinity]", 0, double.PositiveInfinity)]
    [InlineData("[0.001, null]", 0.001, double.PositiveInfinity)]
    [InlineData("null", 0, double.PositiveInfinity)]
    [InlineData("[0.001, 0.1]", 0.001, 0.1)]
    public void Read_TimeStepLimit_InEveryForm(string limit, double low, double high)
    {
        var config = Read("{" + Small + ",\"time_step_limit\":" + limit + "}");
        Assert.Equal((low, high), (config.DeltaMinimum, config.DeltaMaximum));
    }

    /// <summary>n_groups above 1 and no word on the norm: transformers and mamba_ssm differ, so that the choice is told.</summary>
    [Theory]
    [InlineData("", 1, true)]
    [InlineData(",\"norm_before_gate\":true", 1, true)]
    [InlineData(",\"norm_groups\":1", 1, false)]
    [InlineData(",\"norm_groups\":2", 2, false)]
    public void Read_NormGroups_AreOneUnlessStatedAndThenNoted(string field, int expected, bool noted)
    {
        var config = Read("{" + Small + field + "}");
        Assert.Equal(expected, config.NormGroups);
        Assert.Equal(expected, config.MixerNormGroups);
        Assert.Equal(noted ? 1 : 0, config.Notes.Count);
        Assert.All(config.Notes, note => Assert.Contains("\"norm_groups\": 2 into config.json", note, StringComparison.Ordinal));
        Assert.Contains($" norm_groups={expected} ", config.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",\"head_dim\":9", "heads: found 10 of 9 channels, expected 80 channels together")]
    [InlineData(",\"n_groups\":3", "groups: found 3, expected a divisor of the 10 heads")]
    [InlineData(",\"norm_groups\":5", "norm_groups: found 5, expected 1 or 2")]
    [InlineData(",\"time_step_limit\":[0.1, 0.1]", "time_step_limit: found [0.1, 0.1], expected two numbers from 0")]
    [InlineData(",\"time_step_limit\":[-1, 1]", "time_step_limit: found [-1, 1]")]
    [InlineData(",\"time_step_limit\":[0, {\"__float__\": \"NaN\"}]", "time_step_limit: found")]
    [InlineData(",\"time_step_limit\":3", "time_step_limit: found 3")]
    [InlineData(",\"rms_norm\":false", "rms_norm: found false, expected true")]
    [InlineData(",\"chunk_size\":0", "chunk_size: found 0")]
    [InlineData(",\"hidden_act\":\"gelu\"", "hidden_act: found \"gelu\", expected \"silu\"")]
    [InlineData(",\"expand\":64,\"hidden_size\":100000", "expand · hidden_size: found 6400000")]
    public void Read_FieldOutOfRange_IsNamed(string field, string message)
    {
        var name = field[2..field.IndexOf('"', 2)];
        var json = "{" + System.Text.RegularExpressions.Regex.Replace(Small, $"\"({name}|hidden_size)\":[^,]+", match => field.Contains(match.Groups[1].Value + "\"", StringComparison.Ordinal) ? "\"note\":0" : match.Value) + field + "}";
        json = json.Replace("\"note\":0,", "", StringComparison.Ordinal).Replace(",\"note\":0", "", StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<InvalidCheckpointException>(() => Read(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFields_AreListedTogether() => Assert.Contains(
        "missing: vocab_size, num_hidden_layers, state_size, conv_kernel, num_heads, head_dim, n_groups",
        Assert.Throws<InvalidCheckpointException>(() => Read("""{"model_type":"mamba2","hidden_size":40}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_FalconMamba_HasTheEpsilonOfItsMixer()
    {
        const string Fields = """ "model_type":"falcon_mamba","vocab_size":320,"hidden_size":48,"num_hidden_layers":2,"state_size":16,"conv_kernel":4 """;
        var config = Assert.IsType<FalconMambaConfig>(ReadAny("{" + Fields + "}"));
        Assert.Equal((1e-6, "falcon_mamba", 96, 3), (config.MixerNormEpsilon, config.ModelType, config.DInner, config.DtRank));
        var other = Assert.IsType<FalconMambaConfig>(ReadAny("{" + Fields + ",\"mixer_rms_eps\":1e-5}"));
        Assert.Equal(1e-5, other.MixerNormEpsilon);
        Assert.NotEqual(config.Describe(), other.Describe());
    }

    /// <summary>The fields of a transformers config of Mamba-Codestral-7B-v0.1, some of which nothing reads.</summary>
    [Fact]
    public void Read_Codestral_IsASizeWithTheNormOfTransformersAndANote()
    {
        var config = Read("""
            {"architectures":["Mamba2ForCausalLM"],"bos_token_id":0,"chunk_size":256,"conv_kernel":4,"eos_token_id":0,"expand":2,"head_dim":64,"hidden_act":"silu","hidden_size":4096,"initializer_range":0.1,
            "intermediate_size":8192,"layer_norm_epsilon":1e-05,"model_type":"mamba2","n_groups":8,"norm_before_gate":true,"num_heads":128,"num_hidden_layers":64,"pad_token_id":0,"rescale_prenorm_residual":false,
            "residual_in_fp32":true,"rms_norm":true,"state_size":128,"tie_word_embeddings":false,"time_step_floor":0.0001,"time_step_init_scheme":"random","time_step_limit":[0.0,Infinity],"time_step_max":0.1,
            "time_step_min":0.001,"time_step_rank":256,"time_step_scale":1.0,"torch_dtype":"bfloat16","use_bias":false,"use_cache":true,"use_conv_bias":true,"vocab_size":32768}
            """);
        Assert.Equal((8192, 128, 64, 8, 1), (config.DInner, config.HeadCount, config.HeadDim, config.GroupCount, config.NormGroups));
        Assert.Equal(7_285_403_648, MambaShapes.ParameterCount(config));
        Assert.Contains("n_groups is 8", Assert.Single(config.Notes), StringComparison.Ordinal);
    }

    /// <summary>MiniPLM-Mamba-130M: Mamba-1 with a vocabulary of Qwen's kind.</summary>
    [Fact]
    public void Read_MiniPlm_IsMambaWithAnotherVocabulary()
    {
        var config = Assert.IsType<Sweep.Models.Mamba.MambaConfig>(ReadAny("""
            {"architectures":["MambaForCausalLM"],"model_type":"mamba","vocab_size":151936,"hidden_size":768,"num_hidden_layers":24,"state_size":16,"conv_kernel":4,"expand":2,"intermediate_size":1536,
            "time_step_rank":48,"use_bias":false,"use_conv_bias":true,"hidden_act":"silu","layer_norm_epsilon":1e-05,"residual_in_fp32":true,"tie_word_embeddings":true,"eos_token_id":151643,"bos_token_id":151643}
            """));
        Assert.Equal((151_936, 768, 24, 48), (config.VocabularySize, config.DModel, config.LayerCount, config.DtRank));
        Assert.Equal(129_135_360 + ((151_936L - 50_280) * 768), MambaShapes.ParameterCount(config));
    }

    /// <summary>Published sizes, from the config alone: counted by the formula of the shapes, and 128,989,632 as published for the first.</summary>
    [Theory]
    [InlineData("mamba", "130m", 129_135_360)]
    [InlineData("mamba", "370m", 371_516_416)]
    [InlineData("mamba", "790m", 793_204_224)]
    [InlineData("mamba", "1.4b", 1_372_178_432)]
    [InlineData("mamba", "2.8b", 2_768_345_600)]
    [InlineData("mamba2", "130m", 128_989_632)]
    [InlineData("mamba2", "370m", 368_346_624)]
    [InlineData("mamba2", "780m", 780_161_280)]
    [InlineData("mamba2", "1.3b", 1_343_757_312)]
    [InlineData("mamba2", "2.7b", 2_702_599_680)]
    [InlineData("mamba2", "codestral-7b", 7_285_403_648)]
    [InlineData("falcon_mamba", "7b", 7_272_665_088)]
    public void ParameterCount_PublishedSizes_AreExact(string modelType, string size, long expected) =>
        Assert.Equal(expected, MambaShapes.ParameterCount(ArchitectureCatalog.Find(modelType)!.Sizes[size]));

    private Mamba2Config Read(string json) => Assert.IsType<Mamba2Config>(ReadAny(json));

    private ModelConfig ReadAny(string json)
    {
        File.WriteAllText(_folder.File("config.json"), json);
        return ConfigFile.Read(_folder.File("config.json"));
    }
}
