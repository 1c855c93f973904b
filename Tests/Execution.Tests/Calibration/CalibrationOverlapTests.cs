using System.Text.Json;
using Sweep.Contracts.Plans;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Calibration;
using Sweep.Tests;

namespace Sweep.Execution.Tests.Calibration;

public sealed class CalibrationOverlapTests
{
    [Fact]
    public void Find_OneParagraphOfAQuestion_IsFoundWhateverItsSpaces()
    {
        var path = Fixtures.Shipped("benchmarks", "mini", "musique.jsonl");
        using var record = JsonDocument.Parse(File.ReadLines(path).First());
        var paragraph = record.RootElement.GetProperty("paragraphs")[1].GetProperty("paragraph_text").GetString()!;
        var problem = Assert.Single(Find("musique", "musique.jsonl", paragraph.Replace(" ", "  \n", StringComparison.Ordinal)));
        Assert.Contains("found 1 documents that benchmark 'musique' measures too (d0)", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("squad", "squad.json")]
    [InlineData("drop", "drop.json")]
    [InlineData("ruler", "ruler.jsonl")]
    [InlineData("triviaqa", "triviaqa.json")]
    [InlineData("ifeval", "ifeval.jsonl")]
    [InlineData("text", "text.jsonl")]
    public void Find_ContextOrPromptOfAnItem_IsFound(string kind, string file)
    {
        var item = Items(kind, file)[0];
        var prompt = item.Prefix + item.Context + item.Suffix;
        Assert.Single(Find(kind, file, prompt));
        Assert.All(item.Documents, document => Assert.Single(Find(kind, file, document)));
        Assert.All(item.Continuations, gold => Assert.Single(Find(kind, file, prompt + gold)));
        Assert.Empty(Find(kind, file, prompt + " And something else."));
    }

    private static IReadOnlyList<BenchmarkItem> Items(string kind, string file) =>
        new EvaluationReader().Read(kind, Fixtures.Shipped("benchmarks", "mini", file)).Choose(null, new SplitPlan(), seed: 0);

    private static IEnumerable<string> Find(string kind, string file, params string[] texts) => CalibrationOverlap.Find(
        new CalibrationText { Hash = "", Documents = [.. texts.Select((text, index) => new CalibrationDocument($"d{index}", text))] },
        [(kind, Items(kind, file))]);
}
