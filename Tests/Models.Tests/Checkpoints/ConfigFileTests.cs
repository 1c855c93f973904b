using Sweep.Models.Architectures;
using Sweep.Models.Checkpoints;
using Sweep.Models.Mamba;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class ConfigFileTests : IDisposable
{
    private const string Small = """ "model_type":"mamba","vocab_size":320,"hidden_size":40,"num_hidden_layers":2,"state_size":16,"conv_kernel":4 """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_RequiredFieldsOnly_TakesDefaults()
    {
        var config = Read("{" + Small + "}");
        Assert.Equal((80, 3, 1e-5), (config.DInner, config.DtRank, config.NormEpsilon));
        Assert.Equal((false, true, true, true), (config.UseBias, config.UseConvBias, config.ResidualInFp32, config.TieWordEmbeddings));
        Assert.Empty(config.EosTokenIds);
        Assert.Null(config.TorchDtype);
    }

    [Fact]
    public void Read_Mini_GivesItsFields()
    {
        var config = (MambaConfig)ConfigFile.Read(Path.Combine(ShippedFiles.Mini, "config.json"));
        Assert.Equal((1024, 192, 12, 384, 16, 4, 12), (config.VocabularySize, config.DModel, config.LayerCount, config.DInner, config.DState, config.DConv, config.DtRank));
        Assert.Equal([0], config.EosTokenIds);
        Assert.Equal("bfloat16", config.TorchDtype);
    }

    [Theory]
    [InlineData("\"auto\"", 3)]
    [InlineData("5", 5)]
    [InlineData("null", 3)]
    public void Read_TimeStepRank_IsNumberOrAuto(string rank, int expected) =>
        Assert.Equal(expected, Read("{" + Small + ",\"time_step_rank\":" + rank + "}").DtRank);

    [Theory]
    [InlineData("7", new[] { 7 })]
    [InlineData("[7, 0]", new[] { 7, 0 })]
    [InlineData("null", new int[0])]
    public void Read_EosTokenId_IsNumberListOrNull(string eos, int[] expected) =>
        Assert.Equal(expected, Read("{" + Small + ",\"eos_token_id\":" + eos + "}").EosTokenIds);

    [Fact]
    public void Read_StaleExpand_IntermediateSizeWins() =>
        Assert.Equal(80, Read("{" + Small + ",\"expand\":16,\"intermediate_size\":80,\"d_inner\":160}").DInner);

    [Theory]
    [InlineData("{\"__float__\": \"Infinity\"}")]
    [InlineData("Infinity")]
    [InlineData("[0.0, -Infinity, NaN]")]
    [InlineData("null")]
    public void Read_InfiniteTimeStepLimit_IsRead(string limit) =>
        Assert.Equal(40, Read("{" + Small + ",\"note\":\"a \\\" Infinity\",\"time_step_limit\":" + limit + "}").DModel);

    [Fact]
    public void Read_MissingFields_AreListedTogether() =>
        Assert.Contains("missing: vocab_size, num_hidden_layers, state_size, conv_kernel", Refusal("""{"model_type":"mamba","hidden_size":40}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"model_type":"llama"}""", "model_type: found \"llama\", expected one of those supported: mamba, mamba2, falcon_mamba")]
    [InlineData("""{"hidden_size":1}""", "model_type: found none, expected one of those supported: mamba, mamba2, falcon_mamba")]
    [InlineData("""[]""", "found Array, expected a JSON object")]
    [InlineData("""{"model_type":"mamba","model_type":"mamba"}""", "broken JSON")]
    [InlineData("""{"model_type":""", "broken JSON")]
    public void Read_OtherModels_AreRefused(string json, string message) => Assert.Contains(message, Refusal(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"use_bias\":1", "use_bias: found 1, expected true or false")]
    [InlineData("\"layer_norm_epsilon\":0", "layer_norm_epsilon: found 0")]
    [InlineData("\"hidden_act\":\"gelu\"", "hidden_act: found \"gelu\", expected \"silu\"")]
    [InlineData("\"eos_token_id\":320", "eos_token_id: found 320, expected a token id from 0 to 319")]
    [InlineData("\"time_step_rank\":0", "time_step_rank: found 0")]
    [InlineData("\"time_step_rank\":\"car\"", "time_step_rank: found \"car\"")]
    [InlineData("\"expand\":2.5", "expand: found 2.5")]
    [InlineData("\"intermediate_size\":-1", "intermediate_size: found -1")]
    [InlineData("\"intermediate_size\":1000000000", "intermediate_size: found 1000000000, expected a whole number from 1 to 1048576")]
    [InlineData("\"intermediate_size\":1e2", "intermediate_size: found 1e2")]
    [InlineData("\"expand\":1000000000", "expand: found 1000000000, expected a whole number from 1 to 64")]
    [InlineData("\"time_step_rank\":99999999999999999999", "time_step_rank: found 99999999999999999999")]
    [InlineData("\"eos_token_id\":[0,1e400]", "eos_token_id: found 1e400")]
    [InlineData("\"layer_norm_epsilon\":1e400", "layer_norm_epsilon: found 1e400")]
    public void Read_FieldOutOfRange_IsNamed(string field, string message) => Assert.Contains(message, Refusal("{" + Small + "," + field + "}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("hidden_size", "1000000000", 1048576)]
    [InlineData("hidden_size", "2147483648", 1048576)]
    [InlineData("hidden_size", "1e9", 1048576)]
    [InlineData("vocab_size", "4294967297", 16777216)]
    [InlineData("num_hidden_layers", "2147483647", 4096)]
    [InlineData("state_size", "65536", 4096)]
    [InlineData("conv_kernel", "9223372036854775808", 64)]
    public void Read_HugeSize_IsNamedWithItsLimit(string field, string value, int limit)
    {
        var json = System.Text.RegularExpressions.Regex.Replace("{" + Small + "}", $"\"{field}\":[0-9]+", $"\"{field}\":{value}");
        Assert.Contains($"{field}: found {value}, expected a whole number from 1 to {limit}", Refusal(json), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SizesThatMultiplyBeyondTheLimit_AreNamed() =>
        Assert.Contains("expand · hidden_size: found 64000000, expected at most 1048576", Refusal("{" + Small.Replace("\"hidden_size\":40", "\"hidden_size\":1000000") + ",\"expand\":64}"), StringComparison.Ordinal);

    /// <summary>The fields that state-spaces/mamba-*-hf publish, stale and unread ones included; the sizes are facts of the published files.</summary>
    [Theory]
    [InlineData(768, 24, 48)]
    [InlineData(1024, 48, 64)]
    [InlineData(1536, 48, 96)]
    [InlineData(2048, 48, 128)]
    [InlineData(2560, 64, 160)]
    public void Read_PublishedFields_GivesTheModelsSizes(int dModel, int layers, int rank)
    {
        var common = $$"""
            "architectures":["MambaForCausalLM"],"model_type":"mamba","vocab_size":50280,"pad_vocab_size_multiple":8,"hidden_size":{{dModel}},"num_hidden_layers":{{layers}},"n_layer":{{layers}},
            "d_model":2048,"d_inner":160,"ssm_cfg":{},"state_size":16,"conv_kernel":4,"expand":2,"use_bias":false,"use_conv_bias":true,"hidden_act":"silu","layer_norm_epsilon":1e-05,
            "rms_norm":true,"fused_add_norm":true,"residual_in_fp32":true,"initializer_range":0.1,"rescale_prenorm_residual":false,"bos_token_id":0,"eos_token_id":0,"pad_token_id":0,
            "time_step_min":0.001,"time_step_max":0.1,"time_step_floor":0.0001,"time_step_scale":1.0,"time_step_init_scheme":"random","torch_dtype":"float32","transformers_version":"4.39.0.dev0"
            """;
        foreach (var sizes in (string[])["", $",\"intermediate_size\":{2 * dModel}", $",\"intermediate_size\":{2 * dModel},\"time_step_rank\":{rank}", ",\"time_step_rank\":\"auto\""])
        {
            var config = Read("{" + common + sizes + "}");
            Assert.Equal((50280, dModel, layers, 2 * dModel, 16, 4, rank), (config.VocabularySize, config.DModel, config.LayerCount, config.DInner, config.DState, config.DConv, config.DtRank));
            Assert.Equal((1e-5, false, true, true, true, "float32"), (config.NormEpsilon, config.UseBias, config.UseConvBias, config.ResidualInFp32, config.TieWordEmbeddings, config.TorchDtype));
            Assert.Equal([0], config.EosTokenIds);
        }
    }

    [Fact]
    public void Read_SeveralProblems_AreOneError()
    {
        var message = Refusal("""{"model_type":"mamba","vocab_size":0,"hidden_size":"x","num_hidden_layers":100000,"state_size":16,"conv_kernel":4}""");
        Assert.Contains("3 problems", message, StringComparison.Ordinal);
        Assert.All((string[])["vocab_size: found 0", "hidden_size: found \"x\"", "num_hidden_layers: found 100000"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    /// <summary>Published sizes of the state-spaces checkpoints (tied head).</summary>
    [Theory]
    [InlineData(768, 24, 129_135_360)]
    [InlineData(1024, 48, 371_516_416)]
    [InlineData(1536, 48, 793_204_224)]
    [InlineData(2048, 48, 1_372_178_432)]
    [InlineData(2560, 64, 2_768_345_600)]
    public void ParameterCount_PublishedSizes_AreExact(int dModel, int layers, long expected)
    {
        var config = Read($$"""{"model_type":"mamba","vocab_size":50280,"hidden_size":{{dModel}},"num_hidden_layers":{{layers}},"state_size":16,"conv_kernel":4}""");
        Assert.Equal(expected, MambaShapes.ParameterCount(config));
        Assert.Equal(expected + (50280L * dModel), MambaShapes.ParameterCount(config with { TieWordEmbeddings = false }));
        Assert.Equal(expected + (layers * 5L * dModel), MambaShapes.ParameterCount(config with { UseBias = true }));
    }

    private MambaConfig Read(string json)
    {
        File.WriteAllText(_folder.File("config.json"), json);
        return (MambaConfig)ConfigFile.Read(_folder.File("config.json"));
    }

    private string Refusal(string json)
    {
        var message = Assert.Throws<InvalidCheckpointException>(() => Read(json)).Message;
        Assert.StartsWith(_folder.File("config.json") + ": ", message, StringComparison.Ordinal);
        return message;
    }
}
