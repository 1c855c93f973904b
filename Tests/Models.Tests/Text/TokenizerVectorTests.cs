using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Models.Tests.Checkpoints;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Text;

/// <summary>The families' ways over small vocabularies, against the ids of the reference implementations (Vectors/make.py and make.mjs made them).</summary>
public sealed class TokenizerVectorTests : IDisposable
{

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("neox")]
    [InlineData("falcon")]
    [InlineData("qwen")]
    [InlineData("isolated")]
    [InlineData("llama")]
    [InlineData("llama-always")]
    public void Encode_ChainOfAFamily_GivesTheReferencesIds(string chain) => AssertIds(LoadChain(chain), $"{chain}.ids.json", parseSpecial: true);

    [Fact]
    public void Encode_SentencePieceModel_GivesItsIds() => AssertIds(Small(), "small.ids.json", parseSpecial: false);

    [Fact]
    public void Encode_SentencePieceModel_SpacesEverySectionByItself()
    {
        var small = Small();
        int[] expected = [1, small.FindId("[INST]")!.Value, .. small.Encode("Hello world"), small.FindId("[/INST]")!.Value, .. small.Encode("Hello"), 2];
        Assert.Equal(expected, small.Encode("<s>[INST]Hello world[/INST]Hello</s>"));
        Assert.DoesNotContain(small.Encode("<s>[INST]Hello</s>", parseSpecial: false), small.SpecialTokenIds.Contains);
    }

    [Theory]
    [InlineData("small.model")]
    [InlineData("small-llama.json")]
    public void EncodePrompt_FamilyWithABegin_PutsItBeforeTheText(string file)
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(ShippedFiles.Vectors, file));
        Assert.Equal([1], tokenizer.BeginTokenIds);
        Assert.Equal([1, .. tokenizer.Encode("Hello world")], tokenizer.EncodePrompt("Hello world"));
    }

    [Theory]
    [InlineData("small.model")]
    [InlineData("small-llama.json")]
    public void EncodeContinuation_SpacedFamily_IsWhatTheWholeTextGoesOnWith(string file)
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(ShippedFiles.Vectors, file));
        var whole = tokenizer.Encode("The house of the king");
        Assert.Equal(whole, [.. tokenizer.Encode("The house"), .. tokenizer.EncodeContinuation(" of the king")]);
        Assert.Equal(" of the king", tokenizer.Decode(tokenizer.EncodeContinuation(" of the king")));
    }

    [Fact]
    public void EncodeContinuation_ByteLevelFamily_IsEncode()
    {
        var mini = LoadChain("neox");
        Assert.Empty(mini.BeginTokenIds);
        Assert.Equal(mini.Encode(" of the king"), mini.EncodeContinuation(" of the king"));
        Assert.Equal(mini.Encode("of the king"), mini.EncodePrompt("of the king"));
    }

    [Fact]
    public void Decode_SpacedFamily_GivesTheBytesBackAfterItsSpace()
    {
        var small = Small();
        foreach (var text in Texts().Where(text => text.Length > 0 && !text.Contains('\u2581', StringComparison.Ordinal)))
            Assert.Equal(Encoding.UTF8.GetBytes(" " + text), small.DecodeBytes(small.Encode(text, parseSpecial: false)));
    }

    [Fact]
    public void Encode_Tekken_MergesByRank()
    {
        var tokenizer = Tekken(["ab", "abc", "bc", "  ", "\n\n"], null);
        Assert.Equal([1000 + 257, 1000 + 'd'], tokenizer.Encode("abcd"));
        Assert.Equal([1000 + 'b', 1000 + 'b', 1000 + 258], tokenizer.Encode("bbbc"));
        Assert.Equal([1000 + 0xC3, 1000 + 0xA9], tokenizer.Encode("é"));
        Assert.Equal([1], tokenizer.BeginTokenIds);
        Assert.Equal([3, 1000 + 256, 19], tokenizer.Encode("[INST]ab<SPECIAL_19>"));
        Assert.DoesNotContain(tokenizer.Encode("[INST]ab<s>", parseSpecial: false), id => id < 1000);
        Assert.Equal("abcd é", tokenizer.Decode(tokenizer.Encode("abcd é")));
    }

    [Fact]
    public void Load_TekkenWithItsOwnSpecialTokens_TakesThem()
    {
        var tokenizer = Tekken(["ab"], new JsonArray(new JsonObject { ["rank"] = 1, ["token_str"] = "<s>" }, new JsonObject { ["rank"] = 4, ["token_str"] = "[THINK]" }));
        Assert.Equal(4, tokenizer.FindId("[THINK]"));
        Assert.Null(tokenizer.FindId("[INST]"));
    }

    private TextTokenizer Tekken(string[] tokens, JsonArray? special)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => new[] { (byte)value }).Concat(tokens.Select(Encoding.UTF8.GetBytes));
        var root = new JsonObject
        {
            ["config"] = new JsonObject { ["pattern"] = @"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+", ["default_vocab_size"] = 2000, ["default_num_special_tokens"] = 1000 },
            ["vocab"] = new JsonArray([.. bytes.Select((token, rank) => new JsonObject { ["rank"] = rank, ["token_bytes"] = Convert.ToBase64String(token), ["token_str"] = null })]),
        };
        if (special is not null)
            root["special_tokens"] = special;
        File.WriteAllText(_folder.File("tekken.json"), root.ToJsonString());
        return TextTokenizer.Load(_folder.File("tekken.json"));
    }

    private TextTokenizer LoadChain(string name)
    {
        var chain = JsonNode.Parse(File.ReadAllText(Path.Combine(ShippedFiles.Vectors, "chains.json")))![name]!;
        var file = (string?)chain["model"] == "llama" ? Path.Combine(ShippedFiles.Vectors, "small-llama.json") : Path.Combine(ShippedFiles.Mini, "tokenizer.json");
        var root = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        foreach (var (member, value) in chain["change"]!.AsObject())
            root[member] = value?.DeepClone();
        File.WriteAllText(_folder.File("tokenizer.json"), root.ToJsonString());
        return TextTokenizer.Load(_folder.File("tokenizer.json"));
    }

    private static TextTokenizer Small() => TextTokenizer.Load(Path.Combine(ShippedFiles.Vectors, "small.model"));

    private static string[] Texts() => JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(ShippedFiles.Vectors, "texts.json")))!;

    private static void AssertIds(TextTokenizer tokenizer, string file, bool parseSpecial)
    {
        var expected = JsonSerializer.Deserialize<int[][]>(File.ReadAllText(Path.Combine(ShippedFiles.Vectors, file)))!;
        var texts = Texts();
        Assert.Equal(texts.Length, expected.Length);
        Assert.All(texts.Index(), pair => Assert.Equal(expected[pair.Index], tokenizer.Encode(pair.Item, parseSpecial)));
    }
}
