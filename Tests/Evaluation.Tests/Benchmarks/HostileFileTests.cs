using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Scoring;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

public sealed class HostileFileTests
{
    [Theory]
    [InlineData("drop", """{"\ud800": {"passage": "p", "qa_pairs": []}}""")]
    [InlineData("squad", """{"data":[{"paragraphs":[{"context":"c","qas":[{"id":"\ud800","question":"q","answers":[{"text":"a"}]}]}]}]}""")]
    [InlineData("squad", """{"\ud800": 1}""")]
    [InlineData("squad", """[1, 2]""")]
    [InlineData("musique", """{"id":"1","paragraphs":[{"paragraph_text":"p"}],"question":"q","answer":"a","answerable":false}""")]
    [InlineData("ruler", """{"input":"a","outputs":[]}""")]
    [InlineData("ruler", """{"input":"a","outputs":["x",""]}""")]
    [InlineData("triviaqa", """{"Data":[{"QuestionId":"1","Question":"q","Answer":{"Value":"a","Aliases":["a",""]}}]}""")]
    [InlineData("triviaqa", "q\t['a' 'b']")]
    [InlineData("triviaqa", "q\t['a'] and more")]
    [InlineData("triviaqa", "q\t['a'")]
    [InlineData("ifeval", """{"key":1,"prompt":"p","instruction_id_list":["detectable_format:number_bullet_lists"],"kwargs":[{"num_bullets":2.5}]}""")]
    [InlineData("ifeval", """{"key":1,"prompt":"p","instruction_id_list":["detectable_format:number_bullet_lists"],"kwargs":[{"num_bullets":1e30}]}""")]
    [InlineData("ifeval", """{"key":1,"prompt":"p","instruction_id_list":["keywords:existence"],"kwargs":[{"keywords":["a",7]}]}""")]
    [InlineData("text", """{"id":"1","half":"perplexitty","text":"a b"}""")]
    [InlineData("drop", """{"p":{"passage":"p","qa_pairs":[{"question":"q","query_id":"1","answer":{"number":"","date":{"day":"","month":"","year":""},"spans":[]}}]}}""")]
    [InlineData("drop", """{"p":{"passage":"p","qa_pairs":[{"question":"q","query_id":"1","answer":{"number":"","date":{},"spans":["a",""]}}]}}""")]
    public void Read_BrokenRecord_IsRefusedWithTheFile(string name, string content)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("broken", content);
        Assert.StartsWith(path, Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find(name).Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("punctuation:no_coma", "{}", "instruction_id_list[0]: found 'punctuation:no_coma', expected one of change_case:capital_word_frequency, ")]
    [InlineData("punctuation:no_comma", """{"num_words":3}""", "kwargs[0].num_words: found 3, expected no argument of punctuation:no_comma")]
    [InlineData("length_constraints:number_words", """{"num_words":3}""", "kwargs[0].relation: found nothing, expected 'less than' or 'at least'")]
    [InlineData("length_constraints:number_words", """{"num_words":3,"relation":"at most"}""", "kwargs[0].relation: found \"at most\", expected 'less than' or 'at least'")]
    [InlineData("length_constraints:number_words", """{"num_words":-3,"relation":"at least"}""", "kwargs[0].num_words: found -3, expected a whole number from 0")]
    [InlineData("length_constraints:number_words", """{"num_words":3,"relation":"at least","extra":[]}""", "kwargs[0].extra: found [], expected only num_words, relation")]
    [InlineData("length_constraints:number_words", """{"num_words":3,"num_words":4,"relation":"at least"}""", "kwargs[0].num_words: found the argument a second time, expected each argument once")]
    [InlineData("length_constraints:nth_paragraph_first_word", """{"num_paragraphs":2,"nth_paragraph":3,"first_word":"a"}""", "kwargs[0].nth_paragraph: found 3, expected from 1 to num_paragraphs, 2")]
    [InlineData("keywords:letter_frequency", """{"letter":"ab","let_frequency":1,"let_relation":"at least"}""", "kwargs[0].letter: found \"ab\", expected one character")]
    [InlineData("keywords:existence", """{"keywords":["a"," "]}""", "kwargs[0].keywords: found [\"a\",\" \"], expected a list of words")]
    [InlineData("keywords:existence", """{"keywords":["\ud800"]}""", "kwargs[0].keywords[0]: found half of a surrogate pair, expected a text")]
    [InlineData("language:response_language", """{"language":"xx"}""", "kwargs[0].language: found \"xx\", expected one of en, es, ")]
    [InlineData("startend:end_checker", """{"end_phrase":null}""", "kwargs[0].end_phrase: found nothing, expected a text")]
    public void Read_InstructionThatCannotBeChecked_SaysWhatAndWhere(string kind, string arguments, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("i.jsonl", $$"""{"key":1,"prompt":"p","instruction_id_list":["{{kind}}"],"kwargs":[{{arguments}}]}""");
        var refused = Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("ifeval").Read(path));
        Assert.StartsWith($"{path}: line 1.{message}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("deep.json", "{\"data\":" + new string('[', 5000) + new string(']', 5000) + "}");
        Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("squad").Read(path));
    }

    [Fact]
    public void Score_PredictionsOfAnotherFile_AreRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("p.json", """{"nobody": "knows"}""");
        var refused = Assert.Throws<InvalidDataFileException>(() =>
            PredictionScorer.Score(BenchmarkCatalog.Find("squad"), Fixtures.Shipped("benchmarks", "mini", "squad.json"), path));
        Assert.Contains("nobody", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_ItemsWithoutPublishedIds_AreFoundByItemId()
    {
        using var folder = new TemporaryFolder();
        var ruler = BenchmarkCatalog.Find("ruler");
        var data = Fixtures.Shipped("benchmarks", "mini", "ruler.jsonl");
        var item = ruler.Read(data)[0];
        var path = folder.Write("p.jsonl", $$"""{"id": "{{item.Id}}", "response": " {{item.Golds[0]}}."}""");
        var scores = PredictionScorer.Score(ruler, data, path);
        Assert.Equal((300, 299), (scores.Items, scores.Missing));
        Assert.Equal(100.0 / 300, scores.Percent["contained"], 1e-12);
    }

    /// <summary>WikiText's blank lines hold a space, and its articles begin with " = Title = ".</summary>
    [Fact]
    public void Read_WikiText_HasOneItemAnArticle()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("wiki.raw", " \n = One = \n \n Text of one . \n \n = = Part = = \n \n More . \n \n = Two = \n \n Text of two . \n");
        var items = BenchmarkCatalog.Find("text").Read(path);
        Assert.Equal(2, items.Count);
        Assert.StartsWith(" = One = ", items[0].Prompt, StringComparison.Ordinal);
        Assert.Contains("= = Part = =", items[0].Prompt, StringComparison.Ordinal);
        Assert.EndsWith(" Text of two . ", items[1].Prompt, StringComparison.Ordinal);
    }

    /// <summary>The file has 62 lines " = X = " with one equals sign a side, counted by grep -cE '^ = [^=].*[^=] = $'.</summary>
    [Fact]
    public void Read_RealWikiText_IsSplitIntoArticles() =>
        Assert.Equal(62, BenchmarkCatalog.Find("text").Read(Fixtures.Data("text", "wiki.test.raw")).Count);
}
