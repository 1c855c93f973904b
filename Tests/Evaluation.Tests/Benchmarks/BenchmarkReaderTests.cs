using System.Text.Json.Nodes;
using CsCheck;
using Sweep.Evaluation.Benchmarks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

public sealed class BenchmarkReaderTests
{
    public static TheoryData<string, string, int, int> Shipped => new()
    {
        { "squad", "squad.json", 200, 200 },
        { "triviaqa", "triviaqa.json", 150, 150 },
        { "drop", "drop.json", 200, 200 },
        { "musique", "musique.jsonl", 200, 200 },
        { "ruler", "ruler.jsonl", 300, 300 },
        { "ifeval", "ifeval.jsonl", 200, 0 },
        { "text", "text.jsonl", 150, 0 },
    };

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Read_ShippedFile_HasItsItemsWithDistinctIdsAndOneContinuationAGold(string name, string file, int count, int withGolds)
    {
        var items = BenchmarkCatalog.Find(name).Read(Fixtures.Shipped("benchmarks", "mini", file));
        Assert.Equal(count, items.Count);
        Assert.Equal(count, items.DistinctBy(item => item.Id).Count());
        Assert.Equal(withGolds, items.Count(item => item.Continuations.Count > 0));
        Assert.All(items, item => Assert.All(item.Continuations, continuation => Assert.Matches("^ .+\n$", continuation)));
    }

    /// <summary>The prompts the mini model was trained with, version 1.</summary>
    [Theory]
    [InlineData("squad", "squad.json", "Context: Carl likes", "\nQuestion: What animal does Xena own?\nAnswer:")]
    [InlineData("triviaqa", "triviaqa.json", "Question: Which river flows through Ilmania?\nAnswer:", "Answer:")]
    [InlineData("drop", "drop.json", "Passage: Leo picked", "\nQuestion: How many figs did Leo pick?\nAnswer:")]
    [InlineData("musique", "musique.jsonl", "Context: Mia was born in Epsom. Mia works as a farmer. Zoe", "\nAnswer:")]
    [InlineData("ruler", "ruler.jsonl", "A special magic number is hidden", "mentioned in the provided text is")]
    [InlineData("ifeval", "ifeval.jsonl", "Write about Kira", "\nResponse:")]
    public void Prompt_FirstItem_FollowsTheTemplate(string name, string file, string start, string end)
    {
        var prompt = BenchmarkCatalog.Find(name).Read(Fixtures.Shipped("benchmarks", "mini", file))[0].Prompt;
        Assert.StartsWith(start, prompt, StringComparison.Ordinal);
        Assert.EndsWith(end, prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("squad", "triviaqa.json", "$.data")]
    [InlineData("triviaqa", "squad.json", "line 1")]
    [InlineData("drop", "squad.json", "$.version")]
    [InlineData("musique", "ruler.jsonl", "line 1.paragraphs")]
    [InlineData("ruler", "ifeval.jsonl", "line 1.input")]
    [InlineData("ifeval", "text.jsonl", "line 1.prompt")]
    [InlineData("text", "ifeval.jsonl", "line 1.text")]
    public void Read_FileOfAnotherKind_NamesFileAndPlace(string name, string file, string place)
    {
        var path = Fixtures.Shipped("benchmarks", "mini", file);
        var refused = Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find(name).Read(path));
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(place, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EmptyGold_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var root = JsonNode.Parse(File.ReadAllText(Fixtures.Shipped("benchmarks", "mini", "squad.json")))!;
        root["data"]![0]!["paragraphs"]![3]!["qas"]![0]!["answers"]![0]!["text"] = "";
        var path = folder.Write("squad.json", root.ToJsonString());
        Assert.Contains("empty gold", Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("squad").Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownInstruction_NamesIt()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("i.jsonl", """{"key": 1, "prompt": "p", "instruction_id_list": ["made:up"], "kwargs": [{}]}""");
        Assert.Contains("made:up", Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("ifeval").Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CutFiles_AreReadOrRefused()
    {
        using var folder = new TemporaryFolder();
        var next = 0;
        Gen.Select(Gen.Int[0, 5].Select(i => new[] { "squad.json", "triviaqa.json", "drop.json", "musique.jsonl", "ruler.jsonl", "ifeval.jsonl" }[i]), Gen.Double[0, 1], Gen.Byte).Sample((file, share, value) =>
        {
            var bytes = File.ReadAllBytes(Fixtures.Shipped("benchmarks", "mini", file));
            var at = (int)(share * (bytes.Length - 1));
            byte[] mutant = value < 128 ? bytes[..at] : [.. bytes[..at], value, .. bytes[(at + 1)..]];
            var path = folder.Write($"{Interlocked.Increment(ref next)}-{file}", mutant);
            try
            {
                Assert.NotEmpty(BenchmarkCatalog.Find(Path.GetFileNameWithoutExtension(file)).Read(path));
            }
            catch (InvalidDataFileException refused)
            {
                Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            }
        }, iter: 100);
    }

    [Fact]
    public void Order_LimitAndFileOrder_ChangeNeitherChoiceNorSplit()
    {
        var items = BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Shipped("benchmarks", "mini", "triviaqa.json"));
        var all = ItemOrder.Choose(items, null, 5);
        Assert.Equal(all.Take(40), ItemOrder.Choose([.. items.Reverse()], 40, 5));
        Assert.NotEqual(all, ItemOrder.Choose(items, null, 6));
        var below = all.Count(item => ItemOrder.SplitPosition(item.Group, 0) < 0.5);
        Assert.InRange(below, 55, 95);
    }

    [Fact]
    public void Read_RealFiles_HaveTheirPublishedCounts()
    {
        Assert.Equal(10_570, BenchmarkCatalog.Find("squad").Read(Fixtures.Data("squad", "dev-v1.1.json")).Count);
        Assert.Equal(11_313, BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Data("triviaqa", "topics.dpr.trivia.test.txt")).Count);
        Assert.Equal(3_000, BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Data("triviaqa", "llmfoundry_triviaqa_sm_sub.jsonl")).Count);
        Assert.Equal(200, BenchmarkCatalog.Find("musique").Read(Fixtures.Data("musique", "musique_ans_dev_200sample.jsonl")).Count);
        Assert.NotEmpty(BenchmarkCatalog.Find("drop").Read(Fixtures.Data("drop", "drop_format_sample.json")));
        var ifeval = BenchmarkCatalog.Find("ifeval").Read(Fixtures.Data("ifeval", "input_data.jsonl"));
        var instructions = ifeval.SelectMany(item => item.Instructions!).ToArray();
        Assert.Equal((541, 834, 25), (ifeval.Count, instructions.Length, instructions.DistinctBy(instruction => instruction.Kind).Count()));
    }
}
