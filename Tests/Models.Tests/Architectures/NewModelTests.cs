using Sweep.Models.Architectures;
using Sweep.Models.Checkpoints;
using Sweep.Models.Tests.Checkpoints;
using Sweep.Tests;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Architectures;

public sealed class NewModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Architectures => [.. ArchitectureCatalog.All.Select(architecture => architecture.ModelType)];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Write_TinyModel_IsAFolderThatReadsAndRuns(string modelType)
    {
        var architecture = ArchitectureCatalog.Find(modelType)!;
        var written = NewModel.Write(At("new"), architecture, "tiny", 7);

        using var folder = CheckpointFolder.Open(At("new"));
        Assert.Equal(written.Describe(), folder.Config.Describe());
        Assert.Equal(NewModel.Bytes(architecture, "tiny"), folder.ParameterCount * sizeof(float));
        var tokenizer = folder.LoadTokenizer();
        const string Text = "the end of a näïve 文\n";
        var tokens = tokenizer.Encode(Text);
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(Text), tokenizer.DecodeBytes(tokens));
        using var model = folder.LoadModel();
        var logits = model.Forward(tensor([.. tokens.Select(token => (long)token)], [1, tokens.Count]));
        Assert.True(logits.isfinite().all().item<bool>());
        Assert.True(logits.std().item<float>() > 0.01f);
    }

    [Fact]
    public void Write_SameSeed_GivesTheSameBytesAndAnotherSeedOthers()
    {
        var architecture = ArchitectureCatalog.Find("mamba2")!;
        foreach (var (name, seed) in new[] { ("a", 5UL), ("b", 5UL), ("c", 6UL) })
            NewModel.Write(At(name), architecture, "tiny", seed);
        foreach (var file in Directory.GetFiles(At("a")).Select(path => Path.GetFileName(path)))
            Assert.Equal(File.ReadAllBytes(Path.Combine(At("a"), file)), File.ReadAllBytes(Path.Combine(At("b"), file)));
        using var one = CheckpointFolder.Open(At("a"));
        using var other = CheckpointFolder.Open(At("c"));
        Assert.NotEqual(one.WeightsHash, other.WeightsHash);
    }

    /// <summary>Embedding, step sizes and decay as training begins with them.</summary>
    [Fact]
    public void Write_Tensors_BeginAsPublished()
    {
        NewModel.Write(At("new"), ArchitectureCatalog.Find("mamba")!, "tiny", 1);
        using var folder = CheckpointFolder.Open(At("new"));
        var tensors = folder.LoadTensors();
        Assert.InRange(tensors[MambaShapes.Embeddings].std().item<float>(), 0.019f, 0.021f);
        var steps = nn.functional.softplus(tensors["backbone.layers.2.mixer.dt_proj.bias"], 1, 20);
        Assert.InRange(steps.min().item<float>(), 0.00099f, 0.01f);
        Assert.InRange(steps.max().item<float>(), 0.03f, 0.1001f);
        Assert.Equal(Enumerable.Range(1, 16).Select(n => MathF.Log(n)), tensors["backbone.layers.2.mixer.A_log"][5].data<float>().ToArray());
        var bound = 1 / MathF.Sqrt(64);
        Assert.InRange(tensors["backbone.layers.0.mixer.in_proj.weight"].abs().max().item<float>(), 0.99f * bound, bound);
    }

    [Fact]
    public void Write_TokenizerOfAnotherFolder_SizesTheVocabulary()
    {
        var config = NewModel.Write(At("new"), ArchitectureCatalog.Find("falcon_mamba")!, "tiny", 1, ShippedFiles.Mini);
        Assert.Equal((1024, 0), (config.VocabularySize, Assert.Single(config.EosTokenIds)));
        Assert.Equal(File.ReadAllBytes(Path.Combine(ShippedFiles.Mini, "tokenizer.json")), File.ReadAllBytes(Path.Combine(At("new"), "tokenizer.json")));
    }

    [Fact]
    public void Write_SentencePieceTokenizer_IsTheNewModels()
    {
        var source = Path.Combine(ShippedFiles.Vectors, "small.model");
        File.Copy(source, Path.Combine(Directory.CreateDirectory(At("source")).FullName, "tokenizer.model"));

        NewModel.Write(At("new"), ArchitectureCatalog.Find("mamba2")!, "tiny", 1, At("source"));

        using var folder = CheckpointFolder.Open(At("new"));
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(Path.Combine(At("new"), "tokenizer.model")));
        Assert.InRange(folder.Config.VocabularySize, folder.LoadTokenizer().MaxId + 1, folder.LoadTokenizer().MaxId + 16);
    }

    [Fact]
    public void Write_TargetInUseOrNoSuchSize_IsRefusedAndLeavesNothing()
    {
        var architecture = ArchitectureCatalog.Find("mamba")!;
        File.WriteAllText(_folder.File("file"), "");
        Assert.Contains("found something there", Refusal(() => NewModel.Write(_folder.File("file"), architecture, "tiny", 1)), StringComparison.Ordinal);
        Assert.Contains("size: found '9b', expected one of mamba's: tiny, 130m", Refusal(() => NewModel.Write(At("new"), architecture, "9b", 1)), StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", Refusal(() => NewModel.Write(At("new"), architecture, "tiny", 1, At("none"))), StringComparison.Ordinal);
        Assert.Equal(["file"], Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)));
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private static string Refusal(Action write) => Assert.Throws<InvalidCheckpointException>(write).Message;
}
