using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Text;

public sealed class TextTokenizerTests
{
    private static readonly string Mini = Fixtures.Shipped("models", "mamba-mini", "tokenizer.json");

    [Fact]
    public void Encode_ReferencePrompts_GivesTheReferenceIds()
    {
        var tokenizer = TextTokenizer.Open(Mini);
        using var reference = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Shipped("models", "mamba-mini", "reference.json")));
        Assert.NotEqual(0, reference.RootElement.GetArrayLength());
        foreach (var entry in reference.RootElement.EnumerateArray())
        {
            var expected = entry.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32());
            Assert.Equal(expected, tokenizer.Encode(entry.GetProperty("prompt").GetString()!));
        }
    }

    [Fact]
    public void Encode_NeoXVectors_GivesTheirIds()
    {
        var tokenizer = TextTokenizer.Open(Fixtures.Data("tokenizers", "gpt-neox-20b.tokenizer.json"));
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Fixtures.Data("tokenizers", "gpt-neox-20b.test_vectors.json")));
        Assert.Equal(47, vectors.RootElement.GetArrayLength());
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var text = vector.GetProperty("text").GetString()!;
            var expected = vector.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var found = tokenizer.Encode(text, parseSpecial: true);
            Assert.True(expected.SequenceEqual(found), $"'{text}': found {string.Join(',', found)}, expected {string.Join(',', expected)}");
        }
    }

    [Fact]
    public void Decode_AnyText_IsTheText()
    {
        var tokenizer = TextTokenizer.Open(Mini);
        Gen.String.Where(text => text.All(c => !char.IsSurrogate(c))).Sample(text => Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text))));
    }

    [Fact]
    public void Encode_SpecialTokenInText_IsTextUnlessAsked()
    {
        var tokenizer = TextTokenizer.Open(Mini);
        Assert.DoesNotContain(0, tokenizer.Encode("a<|endoftext|>b"));
        Assert.Equal(0, tokenizer.Encode("a<|endoftext|>b", parseSpecial: true)[1]);
        Assert.Equal("ab", tokenizer.Decode(tokenizer.Encode("a<|endoftext|>b", parseSpecial: true)));
    }

    [Theory]
    [InlineData("no merges", "merges")]
    [InlineData("merges of unknown tokens", "merges[0]")]
    [InlineData("unigram model", "model.type")]
    [InlineData("an id twice", "model.vocab")]
    [InlineData("prefix space", "add_prefix_space")]
    [InlineData("no model", "model")]
    [InlineData("not JSON", "tokenizer")]
    public void Open_BrokenFile_IsRefusedNamingThePlace(string kind, string place)
    {
        var root = JsonNode.Parse(File.ReadAllBytes(Mini))!.AsObject();
        var model = root["model"]!.AsObject();
        switch (kind)
        {
            case "no merges": model["merges"] = new JsonArray(); break;
            case "merges of unknown tokens": model["merges"]![0] = new JsonArray("qqqqq", "q"); break;
            case "unigram model": model["type"] = "Unigram"; break;
            case "an id twice": model["vocab"]!["he"] = 5; break;
            case "prefix space": root["pre_tokenizer"]!["add_prefix_space"] = true; break;
            case "no model": root.Remove("model"); break;
        }

        using var folder = new TemporaryFolder();
        var path = folder.Write("tokenizer.json", kind == "not JSON" ? "{" : root.ToJsonString());
        var refused = Assert.Throws<InvalidCheckpointException>(() => TextTokenizer.Open(path));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(place, refused.Message, StringComparison.Ordinal);
    }
}
