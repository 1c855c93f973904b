using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Models.Tests.Checkpoints;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Text;

/// <summary>Published vocabularies and what publications say they give, where the machine has them.</summary>
public sealed class TokenizerFixtureTests : IDisposable
{
    private const string V1 = "tokenizer.model.v1";
    private const string V3 = "mistral_instruct_tokenizer_240323.model.v3";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Encode_FalconTestTexts_GivesTheirIds()
    {
        var tokenizer = Falcon();
        using var vectors = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "falcon-7b.test_vectors.json")));
        Assert.Equal(47, vectors.RootElement.GetArrayLength());
        Assert.All(vectors.RootElement.EnumerateArray(), vector => Assert.Equal(Ids(vector.GetProperty("ids")), tokenizer.Encode(vector.GetProperty("text").GetString()!)));
    }

    [Fact]
    public void Encode_FalconSpecialTokens_OnlyWhereTheyAreAsked()
    {
        var tokenizer = Falcon();
        Assert.Equal(11, tokenizer.FindId("<|endoftext|>"));
        Assert.Equal([11, 0], tokenizer.Encode("<|endoftext|>>>TITLE<<"));
        Assert.DoesNotContain(tokenizer.Encode("<|endoftext|>>>TITLE<<", parseSpecial: false), id => id < 12);
        Assert.Equal(65024, tokenizer.VocabularySize);
    }

    /// <summary>A byte that Falcon has no token for vanishes, as in Hugging Face's tokenizers.</summary>
    [Fact]
    public void Encode_FalconLostByte_IsNothing()
    {
        var tokenizer = Falcon();
        Assert.Equal([.. tokenizer.Encode("Hel"), .. tokenizer.Encode("lo")], tokenizer.Encode("Hel\u0003lo"));
        Assert.Empty(tokenizer.Encode("\u0003"));
    }

    [Theory]
    [InlineData(V1, "no_tools.tokens_v1.json", true)]
    [InlineData(V3, "no_tools.tokens_v3.json", false)]
    public void Encode_MistralConversation_GivesItsIds(string model, string expected, bool isSpelledOut)
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(Folder(), model));
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "mistral_v3_samples", "no_tools.sample.json")));

        // Up to v1 the marks of an instruction were text of its section, from v3 on they are control tokens between sections.
        var turns = sample.RootElement.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString(), message.GetProperty("content").GetString()) switch
        {
            ("user", var said) => isSpelledOut ? $"[INST] {said} [/INST]" : $"[INST]{said}[/INST]",
            (_, var said) => isSpelledOut ? $" {said}</s>" : $"{said}</s>",
        });
        using var tokens = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "mistral_v3_samples", expected)));
        Assert.Equal(Ids(tokens.RootElement.GetProperty("tokens")), tokenizer.Encode("<s>" + string.Concat(turns)));
    }

    [Fact]
    public void Encode_MistralToolCalls_GivesTheIdsOfEverySection()
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(Folder(), V3));
        using var tokens = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "mistral_v3_samples", "several_calls.tokens_v3.json")));
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "mistral_v3_samples", "several_calls.sample.json")));
        var expected = Ids(tokens.RootElement.GetProperty("tokens"));

        // How a request is laid out is the serving side's affair; a section's text, and what it is encoded to, are the tokenizer's.
        var sections = new List<string>();
        foreach (var section in Sections(expected, tokenizer.SpecialTokenIds))
        {
            var text = tokenizer.Decode(section);
            Assert.StartsWith(" ", text, StringComparison.Ordinal);
            Assert.Equal(section, tokenizer.Encode(text[1..], parseSpecial: false));
            sections.Add(text[1..]);
        }

        var said = sample.RootElement.GetProperty("messages").EnumerateArray().Where(message => message.GetProperty("role").GetString() != "tool")
            .Select(message => message.GetProperty("content").GetString()).OfType<string>().ToArray();
        Assert.Equal(3, said.Length);
        Assert.All(said, text => Assert.Contains(text, sections));
    }

    [Theory]
    [InlineData(V1, 32_000)]
    [InlineData(V3, 32_768)]
    public void Encode_MistralControlTokensInText_StayText(string model, int size)
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(Folder(), model));
        Assert.Equal(size, tokenizer.VocabularySize);
        Assert.Equal(size - 1, tokenizer.MaxId);
        const string Text = "<s>[INST] <unk> </s> [CONTROL_8] <0x0A>";
        var ids = tokenizer.Encode(Text, parseSpecial: false);
        Assert.DoesNotContain(ids, tokenizer.SpecialTokenIds.Contains);
        Assert.Equal(" " + Text, tokenizer.Decode(ids));
    }

    /// <summary>Of merges that score alike the leftmost comes first: ids of the sentencepiece package 0.1.97.</summary>
    [Theory]
    [InlineData(V3, "!!!!!!", new[] { 1686, 4714, 14683 })]
    [InlineData(V3, "xxxxxxx", new[] { 2086, 6503, 6503, 6503 })]
    [InlineData(V1, "naïve 🦙", new[] { 1879, 28920, 333, 28705, 243, 162, 169, 156 })]
    public void Encode_MistralEqualScores_GivesTheReferencesIds(string model, string text, int[] ids) =>
        Assert.Equal(ids, TextTokenizer.Load(Path.Combine(Folder(), model)).Encode(text));

    private TextTokenizer Falcon()
    {
        var (model, control) = GgufVocabulary.Read(Path.Combine(Folder(), "ggml-vocab-falcon.gguf"));
        var chains = JsonNode.Parse(File.ReadAllText(Path.Combine(ShippedFiles.Vectors, "chains.json")))!;
        var root = new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. control.Select((token, id) => new JsonObject { ["id"] = id, ["content"] = token, ["special"] = true })]),
            ["pre_tokenizer"] = chains["falcon"]!["change"]!["pre_tokenizer"]!.DeepClone(),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = model,
        };
        File.WriteAllText(_folder.File("tokenizer.json"), root.ToJsonString());
        return TextTokenizer.Load(_folder.File("tokenizer.json"));
    }

    private static IEnumerable<int[]> Sections(IEnumerable<int> ids, IReadOnlyList<int> special)
    {
        var section = new List<int>();
        foreach (var id in ids.Append(special[0]))
        {
            if (!special.Contains(id))
            {
                section.Add(id);
                continue;
            }

            if (section.Count > 0)
                yield return [.. section];
            section.Clear();
        }
    }

    private static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];

    private static string Folder() => Fixtures.Data("tokenizers");
}
