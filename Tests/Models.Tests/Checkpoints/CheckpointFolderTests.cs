using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Models.Checkpoints;
using Sweep.Models.Mamba;
using Sweep.Tests;
using TorchSharp;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class CheckpointFolderTests
{
    private static readonly string Mini = Fixtures.Shipped("models", "mamba-mini");

    [Fact]
    public void Open_MiniModel_HasItsShapesAndLoads()
    {
        using var folder = CheckpointFolder.Open(Mini);
        Assert.Equal((12, 192, 384, 16, 12), (folder.Config.LayerCount, folder.Config.DModel, folder.Config.DInner, folder.Config.DState, folder.Config.DtRank));
        var tensors = folder.LoadTensors(torch.ScalarType.Float32, torch.CPU);
        Assert.Equal(MambaShapes.Of(folder.Config).Count, tensors.Count);
        Assert.All(tensors.Values, tensor => Assert.Equal(torch.ScalarType.Float32, tensor.dtype));
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }

    /// <summary>Sizes and counts as published for the state-spaces checkpoints.</summary>
    [Theory]
    [InlineData(768, 24, 129_135_360)]
    [InlineData(1024, 48, 371_516_416)]
    [InlineData(1536, 48, 793_204_224)]
    [InlineData(2048, 48, 1_372_178_432)]
    [InlineData(2560, 64, 2_768_345_600)]
    public void ParameterCount_PublishedSizes_AreThePublishedCounts(int width, int layers, long expected)
    {
        var config = new MambaConfig
        {
            ModelType = "mamba",
            VocabularySize = 50_280,
            DModel = width,
            LayerCount = layers,
            DInner = 2 * width,
            DState = 16,
            DConv = 4,
            DtRank = (width + 15) / 16,
            NormEpsilon = 1e-5,
            UseBias = false,
            UseConvBias = true,
            ResidualInFp32 = true,
            TieWordEmbeddings = true,
            EosTokenIds = [0],
        };
        Assert.Equal(expected, MambaShapes.ParameterCount(config));
    }

    [Fact]
    public void WeightsHash_SameModelInTwoFiles_IsTheSame()
    {
        using var folder = CheckpointFolder.Open(Mini);
        using var temporary = Split(folder);
        using var split = CheckpointFolder.Open(temporary.Path);
        Assert.Equal(folder.ComputeWeightsHash(), split.ComputeWeightsHash());
    }

    [Fact]
    public void Open_WrongTensors_ListsThemAllInOneMessage()
    {
        using var temporary = Copy();
        Edit(temporary, config => config["state_size"] = 8);
        var message = Refusal(temporary.Path);
        Assert.Contains("24 tensors do not fit", message, StringComparison.Ordinal);
        Assert.Contains("'backbone.layers.0.mixer.A_log': found [384, 16], expected [384, 8]", message, StringComparison.Ordinal);
        Assert.Contains("and 4 more", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UnknownAndMissingTensors_AreNamed()
    {
        using var temporary = Copy();
        Edit(temporary, config => config["num_hidden_layers"] = 11);
        Assert.Contains("'backbone.layers.11.mixer.A_log': found, expected no such tensor", Refusal(temporary.Path), StringComparison.Ordinal);
        Edit(temporary, config => config["num_hidden_layers"] = 13);
        Assert.Contains("'backbone.layers.12.mixer.A_log': found nothing", Refusal(temporary.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", "\"gpt2\"", "expected one of: mamba")]
    [InlineData("hidden_size", "null", "hidden_size: found nothing")]
    [InlineData("hidden_size", "-3", "hidden_size: found -3")]
    [InlineData("use_bias", "7", "use_bias: found 7")]
    [InlineData("hidden_act", "\"gelu\"", "expected 'silu'")]
    [InlineData("layer_norm_epsilon", "2", "layer_norm_epsilon: found 2")]
    public void Open_WrongConfig_NamesTheField(string field, string value, string expected)
    {
        using var temporary = Copy();
        Edit(temporary, config => config[field] = JsonNode.Parse(value));
        Assert.Contains(expected, Refusal(temporary.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PickleOnly_IsRefusedWithTheReason()
    {
        using var temporary = new TemporaryFolder();
        File.Copy(Path.Combine(Mini, "config.json"), Path.Combine(temporary.Path, "config.json"));
        temporary.Write("pytorch_model.bin", "not read");
        Assert.Contains("pickle", Refusal(temporary.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("model.bin")]
    public void Open_IndexThatLeavesTheFolder_IsRefused(string file)
    {
        using var temporary = new TemporaryFolder();
        File.Copy(Path.Combine(Mini, "config.json"), Path.Combine(temporary.Path, "config.json"));
        temporary.Write("model.safetensors.index.json", JsonSerializer.Serialize(new { weight_map = new Dictionary<string, string> { ["a"] = file } }));
        Assert.Contains("plain name", Refusal(temporary.Path), StringComparison.Ordinal);
    }

    private static string Refusal(string path) => Assert.Throws<InvalidCheckpointException>(() => CheckpointFolder.Open(path).Dispose()).Message;

    private static TemporaryFolder Copy()
    {
        var temporary = new TemporaryFolder();
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json"])
            File.Copy(Path.Combine(Mini, name), Path.Combine(temporary.Path, name));
        return temporary;
    }

    private static void Edit(TemporaryFolder folder, Action<JsonObject> edit)
    {
        var path = Path.Combine(folder.Path, "config.json");
        var config = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
        edit(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    private static TemporaryFolder Split(CheckpointFolder source)
    {
        using var scope = torch.NewDisposeScope();
        var temporary = new TemporaryFolder();
        File.Copy(Path.Combine(source.Path, "config.json"), Path.Combine(temporary.Path, "config.json"));
        using var file = SafetensorsFile.Open(Path.Combine(source.Path, "model.safetensors"));
        var map = new Dictionary<string, string>();
        foreach (var half in file.Tensors.Keys.Order(StringComparer.Ordinal).Chunk((file.Tensors.Count + 1) / 2).Select((names, index) => (names, name: $"model-{index}.safetensors")))
        {
            SafetensorsWriter.Write(Path.Combine(temporary.Path, half.name), half.names.ToDictionary(name => name, name => file.ReadTensor(name)));
            foreach (var name in half.names)
                map[name] = half.name;
        }

        temporary.Write("model.safetensors.index.json", JsonSerializer.Serialize(new { weight_map = map }));
        return temporary;
    }
}
