using Sweep.Models.Checkpoints;
using Sweep.Models.Mamba;
using Sweep.Tests;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_Mini_LoadsEveryTensorInTheWantedDtype()
    {
        using var checkpoint = CheckpointFolder.Open(ShippedFiles.Mini);
        var expected = MambaShapes.Expected(checkpoint.Config);
        var tensors = checkpoint.LoadTensors(ScalarType.Float32);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), tensors.Keys.Order(StringComparer.Ordinal));
        Assert.All(tensors, pair => Assert.Equal((ScalarType.Float32, true), (pair.Value.dtype, pair.Value.shape.SequenceEqual(expected[pair.Key]))));
        Assert.Equal(checkpoint.ParameterCount, tensors.Values.Sum(tensor => tensor.numel()));
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
        Assert.Equal(1024, checkpoint.LoadTokenizer().VocabularySize);
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    public void Open_BiasesAndHead_AsTheConfigSays(bool bias, bool convBias, bool tied)
    {
        var config = Config(bias, convBias, tied);
        Write(config, Tensors(config));
        using var checkpoint = CheckpointFolder.Open(_folder.Path);
        using var model = checkpoint.LoadModel();
        Assert.Equal(config.UseBias, checkpoint.Config.UseBias);
        Assert.Equal(!tied, MambaShapes.Expected(config).ContainsKey(MambaShapes.Head));
    }

    [Fact]
    public void WeightsHash_SameTensorsOtherwiseStored_IsTheSame()
    {
        var config = Config();
        var tensors = Tensors(config);
        Write(config, tensors);
        var single = Hash();
        Write(config, [.. tensors, tensors.Single(tensor => tensor.Name == MambaShapes.Embeddings) with { Name = MambaShapes.Head }]);
        Assert.Equal(single, Hash());
        WriteShards(config, tensors, index => index % 3);
        Assert.Equal(single, Hash());
        Write(config with { NormEpsilon = 1e-6 }, tensors);
        Assert.NotEqual(single, Hash());
        Write(config, [.. tensors.Select(tensor => tensor.Name == "backbone.norm_f.weight" ? Filled(tensor.Name, [8], 77) : tensor)]);
        Assert.NotEqual(single, Hash());
        Assert.Matches("^[0-9a-f]{64}$", single);
    }

    [Fact]
    public void Open_WrongTensors_AreOneErrorThatListsThem()
    {
        var config = Config();
        var tensors = Tensors(config).Where(tensor => tensor.Name is not ("backbone.norm_f.weight" or "backbone.layers.1.mixer.D")).ToList();
        tensors.RemoveAll(tensor => tensor.Name == "backbone.layers.0.mixer.A_log");
        Write(config, [.. tensors, Filled("backbone.layers.0.mixer.A_log", [16, 5], 1), Filled("more", [2], 1), SafetensorsSource.Of("odd", SafetensorsDtype.I64, [0], default)]);
        var message = Refusal();
        Assert.Contains("5 problems", message, StringComparison.Ordinal);
        Assert.Contains("tensor 'backbone.layers.0.mixer.A_log': found [16, 5], expected [16, 4]", message, StringComparison.Ordinal);
        Assert.Contains("tensor 'backbone.norm_f.weight': missing, expected [8]", message, StringComparison.Ordinal);
        Assert.Contains("tensor 'backbone.layers.1.mixer.D': missing, expected [16]", message, StringComparison.Ordinal);
        Assert.Contains("tensor 'more': unknown, found [2]", message, StringComparison.Ordinal);
        Assert.Contains("tensor 'odd': unknown, found [0]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ManyProblems_ListsAllOfThemLayersTogether()
    {
        var config = Config() with { LayerCount = 12 };
        var kept = Tensors(config).Where(tensor => tensor.Name is "backbone.layers.3.norm.weight" or "backbone.layers.7.norm.weight" or "backbone.layers.8.norm.weight");
        var unknown = Enumerable.Range(0, 30).Select(number => Filled($"backbone.layers.0{number}.x", [2], 1)).Concat(Enumerable.Range(0, 40).Select(number => Filled($"other.{number}", [2], 1)));
        Write(config, [.. kept, .. unknown]);
        var message = Refusal();
        Assert.Contains($"{2 + (12 * 10) - 3 + 70} problems:", message, StringComparison.Ordinal);
        Assert.Contains("\n  tensor 'backbone.layers.{0-2,4-6,9-11}.norm.weight': missing, expected [8]\n", message, StringComparison.Ordinal);
        Assert.Contains("\n  tensor 'backbone.layers.{0-11}.mixer.conv1d.weight': missing, expected [16, 1, 4]\n", message, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 30), number => Assert.Contains($"tensor 'backbone.layers.0{number}.x': unknown, found [2]", message, StringComparison.Ordinal));
        Assert.All(Enumerable.Range(0, 40), number => Assert.Contains($"tensor 'other.{number}': unknown, found [2]", message, StringComparison.Ordinal));
        Assert.Equal(2 + 10 + 70, message.Split('\n').Length - 1);
    }

    [Fact]
    public void Open_HostileNumberOfProblems_IsCutAndCounted()
    {
        var config = Config();
        Write(config, [.. Tensors(config), .. Enumerable.Range(0, 1500).Select(number => SafetensorsSource.Of($"x{number}", SafetensorsDtype.U8, [0], default))]);
        var message = Refusal();
        Assert.Contains("1500 problems:", message, StringComparison.Ordinal);
        Assert.EndsWith("and 500 lines more", message, StringComparison.Ordinal);
    }

    /// <summary>A cache keeps files under their hash and links to them from the folder, one link a file and also a folder.</summary>
    [Fact]
    public void Open_FolderOfLinks_ReadsWhatTheyLeadTo()
    {
        var config = Config();
        WriteShards(config, Tensors(config), index => index % 2);
        var expected = Hash();
        using var cache = new TemporaryFolder();
        var snapshot = Directory.CreateDirectory(cache.File("snapshot")).FullName;
        foreach (var (number, file) in Directory.GetFiles(_folder.Path).Index())
        {
            File.Copy(file, cache.File($"blob{number}"));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../blob{number}");
        }

        Directory.CreateSymbolicLink(cache.File("link"), snapshot);
        using var checkpoint = CheckpointFolder.Open(cache.File("link"));
        Assert.Equal(expected, checkpoint.WeightsHash);
        File.Delete(cache.File("blob0"));
        Assert.Throws<InvalidCheckpointException>(() => CheckpointFolder.Open(snapshot));
    }

    [Fact]
    public void Open_LinkToSomethingEndless_IsRefused()
    {
        var config = Config();
        Write(config, Tensors(config));
        foreach (var name in (string[])["config.json", "model.safetensors"])
        {
            File.Delete(_folder.File(name));
            File.CreateSymbolicLink(_folder.File(name), "/dev/zero");
            Assert.Contains(name, Refusal(), StringComparison.Ordinal);
            File.Delete(_folder.File(name));
            WriteConfig(config);
        }
    }

    [Theory]
    [InlineData(SafetensorsDtype.F16)]
    [InlineData(SafetensorsDtype.BF16)]
    public void LoadModel_HalfWidthWeights_ComputesWithTheirValues(SafetensorsDtype dtype)
    {
        var config = Config();
        var full = Tensors(config);
        Write(config, [.. full.Select(tensor => Converted(tensor, dtype))]);
        using var half = CheckpointFolder.Open(_folder.Path);
        var rounded = half.LoadTensors();
        Assert.All(rounded, pair => Assert.Equal(dtype.ToTorch(), pair.Value.dtype));
        using var expected = new MambaModel(config, rounded.ToDictionary(pair => pair.Key, pair => pair.Value.to(ScalarType.Float32)));
        using var model = half.LoadModel();
        using var tokens = tensor(new long[] { 1, 2, 3, 4 }, 1, 4);
        using var logits = model.Forward(tokens);
        using var same = expected.Forward(tokens);
        Assert.True(logits.equal(same).all().item<bool>());
        foreach (var tensor in rounded.Values)
            tensor.Dispose();
    }

    [Fact]
    public void Open_IntegerWeights_AreRefused()
    {
        var config = Config();
        Write(config, [.. Tensors(config).Select(tensor => tensor.Name == "backbone.norm_f.weight" ? SafetensorsSource.Of(tensor.Name, SafetensorsDtype.I32, [8], new byte[32]) : tensor)]);
        Assert.Contains("tensor 'backbone.norm_f.weight': found dtype I32, expected F32, F16 or BF16", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void LoadTensors_TiedHeadThatDiffers_IsRefused()
    {
        var config = Config();
        Write(config, [.. Tensors(config), Filled(MambaShapes.Head, [10, 8], 99)]);
        using var checkpoint = CheckpointFolder.Open(_folder.Path);
        Assert.Contains("expected a copy of it or none", Assert.Throws<InvalidCheckpointException>(() => checkpoint.LoadTensors()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../a.safetensors")]
    [InlineData("/a.safetensors")]
    [InlineData("sub/a.safetensors")]
    [InlineData("..\\\\a.safetensors")]
    [InlineData("C:a.safetensors")]
    [InlineData(".safetensors")]
    [InlineData("a.bin")]
    public void Open_ShardNameThatIsNotPlain_IsRefused(string shard)
    {
        WriteConfig(Config());
        File.WriteAllText(_folder.File(CheckpointTensors.IndexFile), $$$"""{"weight_map":{"a":"{{{shard}}}"}}""");
        Assert.Contains("weight_map.a: found", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ShardsThatDoNotFitTheIndex_AreListed()
    {
        var config = Config();
        var tensors = Tensors(config);
        WriteShards(config, tensors, index => index % 2, indexed: index => index is 0 or 3 ? 1 - (index % 2) : index % 2);
        var message = Refusal();
        Assert.Contains("4 problems", message, StringComparison.Ordinal);
        Assert.Contains($"part-1.safetensors: tensor '{tensors[0].Name}': missing, expected here by the index", message, StringComparison.Ordinal);
        Assert.Contains($"part-0.safetensors: tensor '{tensors[0].Name}': found here, expected in part-1.safetensors by the index", message, StringComparison.Ordinal);
        File.Delete(_folder.File("part-1.safetensors"));
        Assert.Contains("part-1.safetensors: cannot be read", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PickleOnly_IsRefusedWithTheReason()
    {
        WriteConfig(Config());
        Assert.Contains("found neither model.safetensors nor model.safetensors.index.json", Refusal(), StringComparison.Ordinal);
        File.WriteAllBytes(_folder.File("pytorch_model.bin"), [1]);
        var message = Refusal();
        Assert.Contains("reading a pickle runs whatever code is in it", message, StringComparison.Ordinal);
        Assert.Contains("torch.load('pytorch_model.bin', map_location='cpu', weights_only=True)", message, StringComparison.Ordinal);
        File.Delete(_folder.File("pytorch_model.bin"));
        File.WriteAllText(_folder.File("pytorch_model.bin.index.json"), "{}");
        Assert.Contains("safe_serialization=True", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoFolderOrConfig_IsRefused()
    {
        Assert.Contains("found no config.json", Refusal(), StringComparison.Ordinal);
        Assert.Contains("found no such folder", Assert.Throws<InvalidCheckpointException>(() => CheckpointFolder.Open(_folder.File("none"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TokenizerHash_NoTokenizer_IsNull()
    {
        var config = Config();
        Write(config, Tensors(config));
        using var checkpoint = CheckpointFolder.Open(_folder.Path);
        Assert.Null(checkpoint.TokenizerHash);
        Assert.Contains("expected a tokenizer.json", Assert.Throws<InvalidCheckpointException>(() => checkpoint.LoadTokenizer()).Message, StringComparison.Ordinal);
        File.Copy(Path.Combine(ShippedFiles.Mini, "tokenizer.json"), checkpoint.TokenizerPath);
        Assert.Contains("found token id 1023, expected ids below 10", Assert.Throws<InvalidCheckpointException>(() => checkpoint.LoadTokenizer()).Message, StringComparison.Ordinal);
        using var mini = CheckpointFolder.Open(ShippedFiles.Mini);
        Assert.Matches("^[0-9a-f]{64}$", mini.TokenizerHash);
    }

    internal static MambaConfig Config(bool bias = false, bool convBias = true, bool tied = true) => new()
    {
        ModelType = "mamba",
        VocabularySize = 10,
        DModel = 8,
        LayerCount = 2,
        DInner = 16,
        DState = 4,
        DConv = 4,
        DtRank = 1,
        NormEpsilon = 1e-5,
        UseBias = bias,
        UseConvBias = convBias,
        ResidualInFp32 = true,
        TieWordEmbeddings = tied,
        EosTokenIds = [0],
    };

    internal static List<SafetensorsSource> Tensors(MambaConfig config) =>
        [.. MambaShapes.Expected(config).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select((pair, index) => Filled(pair.Key, pair.Value, index))];

    private static SafetensorsSource Filled(string name, long[] shape, int seed)
    {
        var values = Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(at => MathF.Sin(at + (seed * 31)) / 4);
        return SafetensorsSource.Of(name, SafetensorsDtype.F32, shape, values.SelectMany(BitConverter.GetBytes).ToArray());
    }

    private static SafetensorsSource Converted(SafetensorsSource source, SafetensorsDtype dtype)
    {
        var stream = new MemoryStream();
        source.Write(stream);
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(stream.ToArray()).ToArray();
        var bytes = values.SelectMany(value => dtype == SafetensorsDtype.F16 ? BitConverter.GetBytes((Half)value) : BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)));
        return SafetensorsSource.Of(source.Name, dtype, source.Shape, bytes.ToArray());
    }

    private void Write(MambaConfig config, IEnumerable<SafetensorsSource> tensors)
    {
        Clear();
        WriteConfig(config);
        SafetensorsWriter.Write(_folder.File(CheckpointTensors.SingleFile), tensors);
    }

    private void WriteShards(MambaConfig config, List<SafetensorsSource> tensors, Func<int, int> shard, Func<int, int>? indexed = null)
    {
        Clear();
        WriteConfig(config);
        foreach (var part in tensors.Index().GroupBy(tensor => shard(tensor.Index)))
            SafetensorsWriter.Write(_folder.File($"part-{part.Key}.safetensors"), part.Select(tensor => tensor.Item));
        var map = tensors.Index().Select(tensor => $"\"{tensor.Item.Name}\":\"part-{(indexed ?? shard)(tensor.Index)}.safetensors\"");
        File.WriteAllText(_folder.File(CheckpointTensors.IndexFile), $$$"""{"metadata":{"total_size":1},"weight_map":{ {{{string.Join(",", map)}}} }}""");
    }

    private void WriteConfig(MambaConfig config) => File.WriteAllText(_folder.File("config.json"), Json(config));

    internal static string Json(MambaConfig config) => FormattableString.Invariant($$"""
        {"model_type":"mamba","vocab_size":{{config.VocabularySize}},"hidden_size":{{config.DModel}},"num_hidden_layers":{{config.LayerCount}},"state_size":{{config.DState}},
        "conv_kernel":{{config.DConv}},"intermediate_size":{{config.DInner}},"time_step_rank":{{config.DtRank}},"layer_norm_epsilon":{{config.NormEpsilon}},"eos_token_id":0,
        "use_bias":{{(config.UseBias ? "true" : "false")}},"use_conv_bias":{{(config.UseConvBias ? "true" : "false")}},"tie_word_embeddings":{{(config.TieWordEmbeddings ? "true" : "false")}}}
        """);

    private void Clear()
    {
        foreach (var file in Directory.GetFiles(_folder.Path))
            File.Delete(file);
    }

    private string Hash()
    {
        using var checkpoint = CheckpointFolder.Open(_folder.Path);
        return checkpoint.WeightsHash;
    }

    private string Refusal()
    {
        var message = Assert.Throws<InvalidCheckpointException>(() => CheckpointFolder.Open(_folder.Path)).Message;
        Assert.StartsWith(_folder.Path, message, StringComparison.Ordinal);
        return message;
    }
}
