using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CsCheck;
using Sweep.Models.Tests.Checkpoints;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Text;

public sealed class TextTokenizerTests
{
    private static readonly TextTokenizer Mini = TextTokenizer.Load(Path.Combine(ShippedFiles.Mini, "tokenizer.json"));

    private static readonly ConcurrentDictionary<string, TextTokenizer> Loaded = new();

    [Fact]
    public void Encode_MiniReferencePrompts_GivesTheirIds()
    {
        using var reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(ShippedFiles.Mini, "reference.json")));
        Assert.NotEqual(0, reference.RootElement.GetArrayLength());
        foreach (var entry in reference.RootElement.EnumerateArray())
        {
            var (text, ids) = (entry.GetProperty("prompt").GetString()!, entry.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32()));
            Assert.Equal(ids, Mini.Encode(text));
            Assert.Equal(text, Mini.Decode(Mini.Encode(text)));
        }
    }

    [Fact]
    public void Encode_NeoxTestTexts_GivesTheirIds()
    {
        var tokenizer = Neox();
        using var vectors = JsonDocument.Parse(File.ReadAllText(Fixtures.Data("tokenizers", "gpt-neox-20b.test_vectors.json")));
        var failures = vectors.RootElement.EnumerateArray().Select(entry => (Text: entry.GetProperty("text").GetString()!, Ids: entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray()))
            .Where(vector => !tokenizer.Encode(vector.Text).SequenceEqual(vector.Ids))
            .Select(vector => $"'{vector.Text}': {string.Join(' ', tokenizer.Encode(vector.Text))}, expected {string.Join(' ', vector.Ids)}").ToList();
        Assert.Empty(failures);
        Assert.Equal(47, vectors.RootElement.GetArrayLength());
    }

    [Fact]
    public void Encode_NeoxSpaceRuns_TakesTheLongestAddedTokens()
    {
        var tokenizer = Neox();
        Assert.Equal([50254, 50276], tokenizer.Encode(new string(' ', 26)));
        Assert.Equal([66, 50276, 67], tokenizer.Encode("a  b"));
        Assert.Equal(50277, tokenizer.VocabularySize);
        Assert.Equal(0, tokenizer.FindId("<|endoftext|>"));
    }

    [Fact]
    public void Encode_NeoxDecomposedText_IsComposedFirst()
    {
        var tokenizer = Neox();
        Assert.Equal(tokenizer.Encode("\u00C4pfel \uD55C"), tokenizer.Encode("A\u0308pfel \u1112\u1161\u11AB"));
    }

    [Fact]
    public void Encode_SpecialTokenInText_IsParsedUnlessSwitchedOff()
    {
        Assert.Equal([0], Mini.Encode("<|endoftext|>"));
        Assert.Equal([.. Mini.Encode("a"), 0, .. Mini.Encode("b")], Mini.Encode("a<|endoftext|>b"));
        var text = Mini.Encode("a<|endoftext|>b", parseSpecial: false);
        Assert.DoesNotContain(0, text);
        Assert.Equal("a<|endoftext|>b", Mini.Decode(text));
        Assert.Equal([0, 1], Mini.SpecialTokenIds);
    }

    [Fact]
    public void Decode_SpecialAndUnknownIds_AreSkippedAsAsked()
    {
        int[] ids = [0, .. Mini.Encode("hi"), 1, 5000, -1];
        Assert.Equal("<|endoftext|>hi<|padding|>", Mini.Decode(ids));
        Assert.Equal("hi", Mini.Decode(ids, skipSpecial: true));
    }

    [Fact]
    public void DecodeBytes_HalfACharacter_KeepsItsBytes()
    {
        var ids = Mini.Encode("é");
        Assert.Equal(2, ids.Count);
        Assert.Equal([0xC3], Mini.DecodeBytes([ids[0]]));
        Assert.Equal("\uFFFD", Mini.Decode([ids[0]]));
    }

    [Fact]
    public void Decode_AnyText_GivesItsBytesBack() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["aé \n\t'sꙮ\0한\u0301"], 0, 40], Gen.Int[0, 0x10FFFF].Where(Rune.IsValid).Array[0, 20].Select(runes => string.Concat(runes.Select(char.ConvertFromUtf32))))
            .Sample(text => Assert.Equal(Encoding.UTF8.GetBytes(text), Mini.DecodeBytes(Mini.Encode(text, parseSpecial: false))), iter: 500, threads: 1);

    [Fact]
    public void Encode_Empty_GivesNothing() => Assert.Empty(Mini.Encode(""));

    [Fact]
    public void Split_LettersOutsideTheBmp_AreLetters()
    {
        var splitter = new PieceSplitter(PieceSplitter.ByteLevelPattern);
        Assert.Equal(["ab𝐀𠀀c", " 𝟏𝟐", "😀!", "  ", " x"], splitter.Split("ab𝐀𠀀c 𝟏𝟐😀!   x"));
    }

    private static TextTokenizer Neox() => Loaded.GetOrAdd(Fixtures.Data("tokenizers", "gpt-neox-20b.tokenizer.json"), TextTokenizer.Load);
}
