using Sweep.Evaluation.Benchmarks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

public sealed class LikelihoodBenchmarkTests
{
    [Theory]
    [InlineData("arc", """{"id":"M_1","question":{"stem":"Why is ice cold?","choices":[{"text":"magic","label":"A"},{"text":"little heat","label":"B"}]},"answerKey":"B"}""", "M_1", "Question: Why is ice cold?\nAnswer:", "magic|little heat", 1)]
    [InlineData("arc", """{"id":"M_2","question":"Why?","choices":{"text":["a","b","c"],"label":["1","2","3"]},"answerKey":"3"}""", "M_2", "Question: Why?\nAnswer:", "a|b|c", 2)]
    [InlineData("piqa", """{"goal":"dresser","sol1":"use a pin","sol2":"use wood","label":1}""", null, "Question: dresser\nAnswer:", "use a pin|use wood", 1)]
    [InlineData("choice", """{"query":"The man turned on the faucet, therefore","gold":1,"choices":["it rained.","water flowed."]}""", null, "The man turned on the faucet, therefore", "it rained.|water flowed.", 1)]
    [InlineData("hellaswag", """{"ind":4,"activity_label":"Roof [header]","ctx_a":" A man sits.","ctx_b":"HE starts [title] to","endings":["is  using [substeps] wrap.","rips. [title] Now"],"label":"1","source_id":"a~1"}""", "4", "Roof : A man sits. He starts. to", "is using wrap.|rips.. Now", 1)]
    public void Read_PublishedRecord_HasPromptChoicesAndGold(string name, string record, string? id, string prompt, string choices, int gold)
    {
        var item = Assert.Single(Read(name, record));
        Assert.Equal((id, prompt, gold), (item.PublishedId, item.Prompt, item.Gold));
        Assert.Equal(choices, string.Join('|', item.Choices!));
        Assert.Equal(item.Choices!.Select(choice => " " + choice), item.Continuations);
        Assert.Equal([item.Choices![gold]], item.Golds);
    }

    [Theory]
    [InlineData("piqa", """{"goal":"g","sol1":"a","sol2":"b"}""", "line 1.label: found nothing, expected 0 or 1")]
    [InlineData("piqa", """{"goal":"g","sol1":"a","sol2":"b","label":-1}""", "line 1.label: found '-1', expected the index of a choice, from 0 to 1")]
    [InlineData("choice", """{"query":"q","choices":["a","b"],"gold":2}""", "line 1.gold: found '2', expected the index of a choice, from 0 to 1")]
    [InlineData("choice", """{"query":"q","choices":["a",""],"gold":0}""", "line 1: found nothing as choice 1")]
    [InlineData("choice", """{"query":"q","choices":["a"],"gold":0}""", "line 1: found 1 choices, expected at least two")]
    [InlineData("choice", """{"context_options":["a","b"],"continuation":"c","gold":0}""", "line 1.query: found nothing")]
    [InlineData("arc", """{"question":"q","choices":{"text":["a","b"],"label":["A","B"]},"answerKey":"C"}""", "line 1.answerKey: found 'C', expected one of A, B")]
    [InlineData("hellaswag", """{"ctx_a":"a","ctx_b":"b","activity_label":"l","endings":["x","y"],"label":""}""", "line 1.label: found ''")]
    [InlineData("lambada", """{"text":"word"}""", "line 1: found a text without a last word")]
    [InlineData("lambada", "One line\nword\n", "line 2: found a text without a last word")]
    public void Read_BrokenRecord_SaysWhatAndWhere(string name, string record, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("broken", record);
        Assert.StartsWith($"{path}: {message}", Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find(name).Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HellaSwag_ItemsOfOneVideo_AreOneGroup()
    {
        var items = Read("hellaswag", string.Join('\n', Enumerable.Range(0, 2).Select(i => $$"""{"ind":{{i}},"activity_label":"l","ctx_a":"a{{i}}","ctx_b":"b","endings":["x","y"],"label":0,"source_id":"v"}""")));
        Assert.Equal(items[0].Group, items[1].Group);
    }

    [Theory]
    [InlineData("""{"text":"She met him at the old mill"}""")]
    [InlineData("""{"context":"She met him at the old","continuation":"mill"}""")]
    [InlineData("She met him at the old mill\n")]
    public void Lambada_EveryLayout_AsksForTheLastWord(string content)
    {
        var item = Assert.Single(Read("lambada", content));
        Assert.Equal(("She met him at the old", " mill"), (item.Prompt, Assert.Single(item.Continuations)));
        var benchmark = BenchmarkCatalog.Find("lambada");
        Assert.Equal(1, benchmark.Score(item, [new ContinuationScore(-3, true)]).Metrics["acc"]);
        Assert.Equal(0, benchmark.Score(item, [new ContinuationScore(-3, false)]).Metrics["acc"]);
    }

    [Fact]
    public void Corpus_PlainText_IsOneItemAsItStands()
    {
        var item = Assert.Single(Read("corpus", " \n = One = \n\nText.\n"));
        Assert.Equal(" \n = One = \n\nText.\n", item.Prompt);
        Assert.Equal("a\n\nb", Assert.Single(Read("corpus", "{\"text\":\"a\"}\n{\"text\":\"b\"}")).Prompt);
    }

    [Theory]
    [InlineData("choice", "choice/piqa.jsonl", 1_838)]
    [InlineData("choice", "choice/boolq.jsonl", 3_270)]
    [InlineData("choice", "choice/copa.jsonl", 100)]
    [InlineData("choice", "choice/siqa.jsonl", 1_954)]
    [InlineData("choice", "choice/commonsense_qa.jsonl", 1_221)]
    [InlineData("lambada", "text/lambada_openai.jsonl", 5_153)]
    public void Read_RealFile_HasItsItems(string name, string file, int count) => Assert.Equal(count, BenchmarkCatalog.Find(name).Read(Fixtures.Data(file.Split('/'))).Count);

    private static IReadOnlyList<EvaluationItem> Read(string name, string content)
    {
        using var folder = new TemporaryFolder();
        return BenchmarkCatalog.Find(name).Read(folder.Write("file", content));
    }
}
