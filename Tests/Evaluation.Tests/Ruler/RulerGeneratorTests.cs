using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Sweep.Evaluation.Benchmarks;
using Sweep.Evaluation.Ruler;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Ruler;

public sealed partial class RulerGeneratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RulerGeneratorTests()
    {
        // Stand-ins for the lists and texts, which do not ship: made-up words, sentences and documents.
        _folder.Write("adjectivelist.txt", string.Join('\n', Enumerable.Range(0, 60).Select(i => $"adj{Word(i)}")));
        _folder.Write("nounlist.txt", string.Join('\n', Enumerable.Range(0, 900).Select(i => $"noun{Word(i)}")));
        _folder.Write("verblist.txt", string.Join('\n', Enumerable.Range(0, 60).Select(i => $"verb{Word(i)}")));
        _folder.Write("essays.txt", string.Join(' ', Enumerable.Range(0, 400).Select(i => $"Sentence {Word(i)} says little about {Word(i * 7)}.")));
        _folder.Write("squad.json", JsonSerializer.Serialize(new
        {
            data = Enumerable.Range(0, 3).Select(article => new
            {
                paragraphs = Enumerable.Range(0, 4).Select(paragraph => new
                {
                    context = $"In article {article} paragraph {paragraph} the answer is {Word((article * 10) + paragraph)} and nothing else is said.",
                    qas = new object[]
                    {
                        new { id = $"{article}-{paragraph}", question = $"What does paragraph {paragraph} of article {article} say?", is_impossible = false, answers = new[] { new { text = Word((article * 10) + paragraph) }, new { text = "zzz" } } },
                        new { id = $"{article}-{paragraph}x", question = "Impossible?", is_impossible = true, answers = Array.Empty<object>() },
                    },
                }),
            }),
        }));
        _folder.Write("hotpot.json", JsonSerializer.Serialize(Enumerable.Range(0, 12).Select(i => new
        {
            question = $"Question {i}?",
            answer = $"two {Word(i)}",
            context = new object[] { new object[] { $"Title {i}", new[] { $"One {Word(i)}.", $" Then two {Word(i)}." } }, new object[] { $"Side {i}", new[] { "Nothing." } } },
        })));
    }

    public static TheoryData<string> Tasks => [.. RulerGenerator.Tasks];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Make_AnyTask_FillsTheLengthAndNeverMore(string task)
    {
        var settings = Settings(2_000, items: 6);
        var samples = Make(settings, task);
        Assert.Equal(Enumerable.Range(0, 6), samples.Select(sample => sample.Index));
        foreach (var sample in samples)
        {
            Assert.InRange(sample.Length, 1, settings.Length);
            var answer = sample.Length - settings.CountTokens(sample.Input + sample.AnswerPrefix);
            Assert.Equal(AnswerRoom(task), answer);
        }

        // The first sample is as long as a unit allows; a unit is at most a document or a line, here of 40 tokens.
        Assert.InRange(samples[0].Length, settings.Length - 40, settings.Length);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Make_AnyTask_HidesItsAnswersInThePrompt(string task)
    {
        foreach (var sample in Make(Settings(1_600, items: 4), task))
        {
            Assert.NotEmpty(sample.Outputs);
            Assert.All(sample.Outputs.Where(output => output != "zzz"), output => Assert.Contains(output, sample.Input, StringComparison.Ordinal));
            Assert.Equal(sample.Outputs.Count, sample.Outputs.Distinct().Count());
            Assert.StartsWith(" ", sample.AnswerPrefix, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\{\w+\}", sample.Input + sample.AnswerPrefix);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Make_SameSeed_GivesTheSameSamplesAndAnotherSeedOthers(string task)
    {
        string[] Texts(long seed) => [.. Make(Settings(1_200, items: 3) with { Seed = seed }, task).Select(sample => sample.Input + sample.AnswerPrefix + string.Join('|', sample.Outputs))];
        Assert.Equal(Texts(1), Texts(1));
        Assert.NotEqual(Texts(1), Texts(2));
    }

    [Fact]
    public void Make_AnyLength_StaysWithinIt() =>
        Gen.Select(Gen.Int[1_200, 3_000], Gen.Int[0, 6].Select(i => new[] { "niah_single_1", "niah_multikey_3", "niah_single_2", "vt", "fwe", "cwe", "qa_1" }[i]), Gen.Long).Sample((length, task, seed) =>
        {
            var settings = Settings(length, items: 3) with { Seed = seed };
            Assert.All(Make(settings, task), sample => Assert.InRange(sample.Length, 1, length));
        }, iter: 40);

    [Fact]
    public void NeedleSingle_Text_IsSingularAroundPluralNeedles()
    {
        var sample = Make(Settings(1_000, items: 1), "niah_single_1")[0];
        Assert.StartsWith("A special magic number is hidden within the following text. Make sure to memorize it. I will quiz you about the number afterwards.\n", sample.Input, StringComparison.Ordinal);
        Assert.Matches(@"\nWhat is the special magic number for adj\w+-noun\w+ mentioned in the provided text\?$", sample.Input);
        Assert.Matches(@"^ The special magic number for adj\w+-noun\w+ mentioned in the provided text is$", sample.AnswerPrefix);
        Assert.Equal(1, Needle().Count(sample.Input));
        Assert.Matches("^[0-9]{7}$", Assert.Single(sample.Outputs));
    }

    [Theory]
    [InlineData("niah_single_3", 1, 1)]
    [InlineData("niah_multikey_1", 4, 1)]
    [InlineData("niah_multivalue", 4, 4)]
    [InlineData("niah_multiquery", 4, 4)]
    public void NeedleTask_Needles_AreAsManyAsTheTableSays(string task, int needles, int answers)
    {
        foreach (var sample in Make(Settings(1_500, items: 3), task))
        {
            Assert.Equal(needles, Needle().Count(sample.Input));
            Assert.Equal(answers, sample.Outputs.Count);
        }
    }

    [Fact]
    public void NeedleMultiQuery_Question_NamesItsKeysWithAComma() =>
        Assert.Matches(@"\nWhat are all the special magic numbers for [\w-]+, [\w-]+, [\w-]+, and [\w-]+ mentioned in the provided text\?$", Make(Settings(1_500, items: 1), "niah_multiquery")[0].Input);

    [Fact]
    public void NeedleHaystack_OfUuids_IsOfVersionFour()
    {
        var sample = Make(Settings(1_500, items: 1), "niah_multikey_3")[0];
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", Assert.Single(sample.Outputs));
        Assert.True(Needle().Count(sample.Input) > 10);
    }

    [Fact]
    public void VariableTask_Chain_FollowsFromTheValueInOrder()
    {
        var sample = Make(Settings(1_500, items: 2), "vt")[1];
        var value = Regex.Match(sample.AnswerPrefix, @"assigned the value (\d{5}), they are: $").Groups[1].Value;
        var names = sample.Outputs;
        Assert.Equal(5, names.Count);
        var at = -1;
        foreach (var line in new[] { $"VAR {names[0]} = {value}\n" }.Concat(Enumerable.Range(1, 4).Select(i => $"VAR {names[i]} = VAR {names[i - 1]} \n")))
        {
            var next = sample.Input.IndexOf(line, StringComparison.Ordinal);
            Assert.True(next > at, $"{line} comes in order");
            at = next;
        }

        // The worked example before it has other variables, of three letters, and its answers.
        Assert.Matches(@"they are:  [A-Z]{3} [A-Z]{3} [A-Z]{3} [A-Z]{3} [A-Z]{3}\n\nMemorize and track", sample.Input);
        Assert.DoesNotContain("12345", sample.Input, StringComparison.Ordinal);
    }

    [Fact]
    public void CommonWords_Answers_AreTheMostFrequent()
    {
        var sample = Make(Settings(1_800, items: 1), "cwe")[0];
        var list = sample.Input[sample.Input.LastIndexOf("most often.\n", StringComparison.Ordinal)..];
        var counts = Regex.Matches(list, @"\d+\. (\w+)").GroupBy(match => match.Groups[1].Value).ToDictionary(group => group.Key, group => group.Count());
        Assert.All(sample.Outputs, word => Assert.Equal(6, counts[word]));
        Assert.All(counts.Where(pair => !sample.Outputs.Contains(pair.Key)), pair => Assert.Equal(1, pair.Value));
    }

    [Fact]
    public void FrequentWords_Answers_AreTheSecondToFourthMostFrequent()
    {
        var sample = Make(Settings(1_800, items: 1), "fwe")[0];
        var text = sample.Input[(sample.Input.IndexOf("coded words. ", StringComparison.Ordinal) + 13)..sample.Input.IndexOf("\nQuestion", StringComparison.Ordinal)];
        var ranks = text.Split(' ').GroupBy(word => word).OrderByDescending(group => group.Count()).Select(group => group.Key).ToArray();
        Assert.Equal(["...", .. sample.Outputs], ranks[..4]);
    }

    [Fact]
    public void QuestionTask_Documents_AreNumberedAndHoldTheAnswersOne()
    {
        var sample = Make(Settings(700, items: 2), "qa_1")[1];
        Assert.StartsWith("Answer the question based on the given documents. Only give me the answer and do not output any other words.\n\nThe following are given documents.\n\nDocument 1:\n", sample.Input, StringComparison.Ordinal);
        Assert.EndsWith("\n\nQuestion: What does paragraph 1 of article 0 say?", sample.Input, StringComparison.Ordinal);
        Assert.Contains("In article 0 paragraph 1 the answer is", sample.Input, StringComparison.Ordinal);
        Assert.Equal(" Answer:", sample.AnswerPrefix);
    }

    /// <summary>What is written is what the benchmark reads, prompt and answers.</summary>
    [Fact]
    public void Make_WrittenAsRecords_IsReadByTheBenchmark()
    {
        var samples = RulerGenerator.Make(["niah_single_1", "qa_1"], Settings(900, items: 2), TestContext.Current.CancellationToken).ToArray();
        var path = _folder.Write("ruler.jsonl", string.Join('\n', samples.Select(sample =>
            JsonSerializer.Serialize(new { index = sample.Index, task = sample.Task, input = sample.Input, outputs = sample.Outputs, length = sample.Length, answer_prefix = sample.AnswerPrefix }))));
        var benchmark = BenchmarkCatalog.Find("ruler");
        var items = benchmark.Read(path);
        Assert.Equal(samples.Select(sample => sample.Input + sample.AnswerPrefix), items.Select(item => item.Prompt));
        Assert.Equal([1.0, 1, 1, 1], items.Select(item => benchmark.Score(item, $" It is {item.Golds[0]}.").Metrics["contained"]));
    }

    [Theory]
    [InlineData("niah_single_1", "--words: found nothing, expected the folder with adjectivelist.txt")]
    [InlineData("niah_multivalue", "--words: found nothing")]
    [InlineData("cwe", "--words: found nothing")]
    [InlineData("qa_1", "--squad: found nothing, expected SQuAD's file")]
    [InlineData("qa_2", "--hotpot: found nothing, expected HotpotQA's dev file")]
    public void Make_SourceThatIsNotGiven_SaysTheOption(string task, string message)
    {
        var settings = Settings(1_500, items: 1) with { Words = null, Essays = null, Squad = null, Hotpot = null };
        Assert.StartsWith(message, Assert.Throws<RulerSourceException>(() => Make(settings, task)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_EssaysNotGiven_SaysTheOption() =>
        Assert.StartsWith("--essays: found nothing", Assert.Throws<RulerSourceException>(() => Make(Settings(1_500, items: 1) with { Essays = null }, "niah_single_2")).Message, StringComparison.Ordinal);

    [Fact]
    public void CommonWords_ListsTooShortForTheLength_SaysSo() =>
        Assert.StartsWith("--more-words: found nothing, expected a JSON file of words: this length takes more than the 60", Assert.Throws<RulerSourceException>(() => Make(FewWords(), "cwe")).Message, StringComparison.Ordinal);

    [Fact]
    public void CommonWords_MoreWords_AreTakenForLongLists()
    {
        var path = _folder.Write("english.json", JsonSerializer.Serialize(Enumerable.Range(0, 4_000).ToDictionary(i => $"english{Word(i)}", i => i)));
        Assert.Contains("english", Make(FewWords() with { MoreWords = path }, "cwe")[0].Input, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_LengthBelowTheShortestSample_IsRefused() =>
        Assert.Matches("^vt: found a shortest sample 0 of [0-9]+ tokens, expected one within --length 200$", Assert.Throws<RulerSourceException>(() => Make(Settings(200, items: 1), "vt")).Message);

    [Fact]
    public void QuestionTask_MoreSamplesThanQuestions_AreRefused() =>
        Assert.Equal("qa_1: found 12 questions, expected at least 13, one a sample", Assert.Throws<RulerSourceException>(() => Make(Settings(1_000, items: 13), "qa_1")).Message);

    private RulerSettings FewWords()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "few"));
        foreach (var (list, name) in new[] { ("adjective", "adj"), ("noun", "noun"), ("verb", "verb") })
            _folder.Write($"few/{list}list.txt", string.Join('\n', Enumerable.Range(0, 20).Select(i => name + Word(i))));
        return Settings(1_500, items: 1) with { Words = Path.Combine(_folder.Path, "few") };
    }

    private static int AnswerRoom(string task) => task switch { "vt" => 30, "cwe" => 120, "fwe" => 50, "qa_1" or "qa_2" => 32, _ => 128 };

    /// <summary>Letters only, distinct.</summary>
    private static string Word(int number) => string.Concat(number.ToString("0000", System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)('a' + digit - '0')));

    private RulerSample[] Make(RulerSettings settings, string task) => [.. RulerGenerator.Make([task], settings, TestContext.Current.CancellationToken)];

    private RulerSettings Settings(int length, int items) => new()
    {
        Length = length,
        Items = items,
        Seed = 7,
        // A tokenizer that splits words as most do: pieces of at most four letters, and every other character.
        CountTokens = text => Pieces().Count(text),
        Words = _folder.Path,
        Essays = Path.Combine(_folder.Path, "essays.txt"),
        Squad = Path.Combine(_folder.Path, "squad.json"),
        Hotpot = Path.Combine(_folder.Path, "hotpot.json"),
    };

    [GeneratedRegex(@" ?[A-Za-z]{1,4}|[0-9]{1,3}|\n+|[^A-Za-z0-9\s]")]
    private static partial Regex Pieces();

    [GeneratedRegex("One of the special magic (numbers|uuids|words) for [\\w-]+ is: [\\w-]+\\.")]
    private static partial Regex Needle();
}
