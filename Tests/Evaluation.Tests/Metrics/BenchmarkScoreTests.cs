using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Metrics;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics;

public sealed class BenchmarkScoreTests
{
    /// <summary>MuSiQue's scorer follows SQuAD v2.0: two answers of nothing agree. SQuAD v1.1's gives them an F1 of 0.</summary>
    [Theory]
    [InlineData("musique", """{"id":"1","paragraphs":[{"paragraph_text":"p"}],"question":"q","answer":"The"}""", 1)]
    [InlineData("squad", """{"data":[{"paragraphs":[{"context":"c","qas":[{"id":"1","question":"q","answers":[{"text":"."}]}]}]}]}""", 0)]
    public void F1_WhereBothNormaliseToNothing_IsTheOfficialOneAndFlagged(string name, string content, double f1)
    {
        var score = Score(name, content, "");
        Assert.Equal((1.0, f1, 0.0), (score.Metrics["em"], score.Metrics["f1"], score.Metrics["lenient"]));
        Assert.True(score.EmptyNormalized);
    }

    [Theory]
    [InlineData("qa_1", "only Rome", 1)]
    [InlineData("niah_multivalue", "only Rome", 0.5)]
    [InlineData("qa_2", "neither", 0)]
    public void Ruler_Task_DecidesWhetherAnyReferenceIsEnough(string task, string response, double expected) =>
        Assert.Equal(expected, Score("ruler", $$"""{"index":0,"task":"{{task}}","input":"a","outputs":["Rome","Oslo"]}""", response).Metrics["contained"]);

    [Fact]
    public void Ruler_FileOfATask_NamesIt()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "qa_1"));
        var path = folder.Write(Path.Combine("qa_1", "validation.jsonl"), """{"index":0,"input":"a","outputs":["Rome","Oslo"]}""");
        var ruler = BenchmarkCatalog.Find("ruler");
        Assert.Equal(1, ruler.Score(ruler.Read(path)[0], "Oslo").Metrics["contained"]);
    }

    [Fact]
    public void Ruler_PrefixThatEndsInASpace_NeedsNoOther()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("vt.jsonl", """{"index":0,"input":"do:\n\nhay\nstack\nQ?","outputs":["A","B"],"answer_prefix":" they are: "}""");
        var item = BenchmarkCatalog.Find("ruler").Read(path)[0];
        Assert.Equal(["A, B\n"], item.Continuations);
        Assert.Equal("do:\n\nhay\nstack\nQ? they are: ", item.Prompt);
        Assert.EndsWith("\nQ? they are: ", item.Suffix, StringComparison.Ordinal);
    }

    /// <summary>Python's isupper and islower want a letter that has a case; a text in another script is not English.</summary>
    [Theory]
    [InlineData("change_case:english_capital", "漢字")]
    [InlineData("change_case:english_lowercase", "漢字")]
    [InlineData("change_case:english_capital", "ВСЕ ПРОПИСНЫЕ")]
    [InlineData("change_case:english_lowercase", "все строчные")]
    [InlineData("change_case:english_capital", "123 !")]
    public void Ifeval_CaseOfATextThatIsNotEnglish_IsNotKept(string kind, string response) =>
        Assert.False(IfevalMetric.Check([new Instruction(kind, new Dictionary<string, System.Text.Json.JsonElement>())], response).Strict[0]);

    /// <summary>The primary metric of IFEval is the instruction level, strict: what its scalars are chosen by.</summary>
    [Fact]
    public void Ifeval_PrimaryMetric_IsInstructionStrict() => Assert.Equal("instruction_strict", BenchmarkCatalog.Find("ifeval").PrimaryMetric);

    private static ItemScore Score(string name, string content, string response)
    {
        using var folder = new TemporaryFolder();
        var benchmark = BenchmarkCatalog.Find(name);
        return benchmark.Score(benchmark.Read(folder.Write("file.jsonl", content))[0], response);
    }
}
