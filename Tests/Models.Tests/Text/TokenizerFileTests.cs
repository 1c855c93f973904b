using System.Text.Json.Nodes;
using Sweep.Models.Tests.Checkpoints;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Text;

public sealed class TokenizerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("model.merges", "[]", "model.merges: found none, expected at least one")]
    [InlineData("model.merges", null, "model.merges: found none, expected array")]
    [InlineData("model.merges", "[[\"a\",\"nowhere\"]]", "model.merges[0]: found [\"a\",\"nowhere\"], which names 'nowhere', expected tokens of model.vocab")]
    [InlineData("model.merges", "[\"h e\",\"h e\"]", "model.merges[1]: found 'h e' a second time")]
    [InlineData("model.merges", "[\"h e x\"]", "model.merges[0]: found \"h e x\", expected two tokens")]
    [InlineData("model.vocab", "{\"a\":1,\"b\":1}", "model.vocab['b']: found id 1, which is that of 'a' already")]
    [InlineData("model.vocab", "{\"a\":-1}", "model.vocab['a']: found -1")]
    [InlineData("model.vocab", "{\"a\":0}", "model.vocab: found no token for 242 of the 243 bytes of UTF-8")]
    [InlineData("model.vocab", "[]", "model.vocab: found [], expected object")]
    [InlineData("model.type", "\"Unigram\"", "model.type: found Unigram, which is not supported, expected BPE")]
    [InlineData("model.byte_fallback", "true", "model.byte_fallback: found true")]
    [InlineData("model.unk_token", "\"?\"", "model.unk_token: found \"?\"")]
    [InlineData("model.dropout", "0.1", "model.dropout: found 0.1")]
    [InlineData("model", "1", "model: found 1, expected object")]
    [InlineData("normalizer", "{\"type\":\"NFKC\"}", "normalizer: found NFKC, which is not supported")]
    [InlineData("normalizer", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Lowercase\"}]}", "normalizer.normalizers[1]: found Lowercase")]
    [InlineData("pre_tokenizer", null, "pre_tokenizer: found none, which is not supported, expected ByteLevel")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\"}", "pre_tokenizer: found Metaspace")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"BertPreTokenizer\"},{\"type\":\"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0]: found BertPreTokenizer")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"},{\"type\":\"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0].pattern.Regex: found a pattern that is not supported")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":\"Removed\"},{\"type\":\"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0].behavior: found \"Removed\"")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Punctuation\",\"behavior\":\"Removed\"},{\"type\":\"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0].behavior: found \"Removed\"")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\"}]}", "pre_tokenizer: found Sequence, which is not supported, expected ByteLevel")]
    [InlineData("post_processor", "{\"type\":\"RobertaProcessing\"}", "post_processor: found RobertaProcessing")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\"}", "post_processor.single: found none, expected array")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"x\"}}]}", "post_processor.single[1]: found {\"SpecialToken\":{\"id\":\"x\"}}, which is not supported")]
    [InlineData("decoder", null, "decoder: found none, which is not supported, expected ByteLevel")]
    [InlineData("added_tokens", "[{\"id\":7,\"content\":\"<|endoftext|>\"}]", "added_tokens[0].id: found 7 for '<|endoftext|>', expected 0 as in model.vocab")]
    [InlineData("added_tokens", "[{\"id\":0,\"content\":\"<new>\"}]", "added_tokens[0].id: found 0 for '<new>', which is the id of '<|endoftext|>'")]
    [InlineData("added_tokens", "[{\"id\":0}]", "added_tokens[0].content: found none, expected string")]
    public void Load_Unsupported_NamesTheJsonPath(string place, string? json, string message)
    {
        var error = Assert.Throws<InvalidCheckpointException>(() => Load(root => Set(root, place, json)));
        Assert.StartsWith(_folder.File("tokenizer.json") + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_BrokenOrMissingFile_IsRefused()
    {
        Assert.Contains("expected a tokenizer.json", Assert.Throws<InvalidCheckpointException>(() => TextTokenizer.Load(_folder.File("none"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("tokenizer.json"), "{\"model\":");
        Assert.Contains("broken JSON", Assert.Throws<InvalidCheckpointException>(() => TextTokenizer.Load(_folder.File("tokenizer.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_MergesAsText_GivesTheSameIds()
    {
        var pairs = Load(_ => { });
        var texts = Load(root => root["model"]!["merges"] = new JsonArray([.. root["model"]!["merges"]!.AsArray().Select(pair => (JsonNode)$"{pair![0]} {pair[1]}")]));
        Assert.Equal(pairs.Encode("Xena owns a pink pony."), texts.Encode("Xena owns a pink pony."));
    }

    [Fact]
    public void Encode_SplitSequence_GivesTheSameIdsAsByteLevel()
    {
        var pattern = PieceSplitter.ByteLevelPattern;
        var split = Load(root => root["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
        });
        const string Text = "Xena owns 2 pink ponies;  doesn't she?\n\n Yes";
        Assert.Equal(Load(_ => { }).Encode(Text), split.Encode(Text));
    }

    [Fact]
    public void Encode_PrefixSpace_IsAddedToEverySection()
    {
        var tokenizer = Load(root => root["pre_tokenizer"]!["add_prefix_space"] = true);
        Assert.Equal(" a<|endoftext|> b<|endoftext|> c", tokenizer.Decode(tokenizer.Encode("a<|endoftext|>b<|endoftext|> c")));
    }

    [Fact]
    public void Encode_AddedTokenFlags_AreKept()
    {
        var tokenizer = Load(root => root["added_tokens"] = new JsonArray(
            Added(2000, "word", ("single_word", true)), Added(2001, "<l>", ("lstrip", true)), Added(2002, "<r>", ("rstrip", true)), Added(2003, "<r>x")));
        Assert.Contains(2000, tokenizer.Encode("a word!"));
        Assert.DoesNotContain(2000, tokenizer.Encode("words sword"));
        Assert.Equal([.. tokenizer.Encode("a"), 2001, .. tokenizer.Encode(" b")], tokenizer.Encode("a  <l> b"));
        Assert.Equal([.. tokenizer.Encode("a "), 2002, .. tokenizer.Encode("b")], tokenizer.Encode("a <r>  b"));
        Assert.Equal([2003], tokenizer.Encode("<r>x"));
    }

    private static JsonObject Added(int id, string content, params (string Name, bool Value)[] flags)
    {
        var token = new JsonObject { ["id"] = id, ["content"] = content };
        foreach (var (name, value) in flags)
            token[name] = value;
        return token;
    }

    private static void Set(JsonObject root, string place, string? json)
    {
        var names = place.Split('.');
        var parent = names.SkipLast(1).Aggregate((JsonNode)root, (node, name) => node[name]!);
        parent[names[^1]] = json is null ? null : JsonNode.Parse(json);
    }

    private TextTokenizer Load(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(ShippedFiles.Mini, "tokenizer.json")))!.AsObject();
        change(root);
        File.WriteAllText(_folder.File("tokenizer.json"), root.ToJsonString());
        return TextTokenizer.Load(_folder.File("tokenizer.json"));
    }
}
