using System.Text;
using System.Text.Json;
using Sweep.Evaluation.Benchmarks;

namespace Sweep.Evaluation.Ruler;

/// <summary>The files behind RULER's tasks, each read when a task first asks for it; what is not given is said with the option that gives it.</summary>
internal sealed class RulerSources
{
    private const long MostBytes = 1L << 29;

    private readonly Lazy<(string[] Adjectives, string[] Nouns, string[] Verbs)> _lists;
    private readonly Lazy<IReadOnlyList<string>> _pairs;
    private readonly Lazy<IReadOnlyList<string>> _words;
    private readonly Lazy<IReadOnlyList<string>> _moreWords;
    private readonly Lazy<string[]> _essays;
    private readonly Lazy<(IReadOnlyList<string>, IReadOnlyList<RulerQuestion>)> _squad;
    private readonly Lazy<(IReadOnlyList<string>, IReadOnlyList<RulerQuestion>)> _hotpot;

    public RulerSources(RulerSettings settings)
    {
        _lists = new(() =>
        {
            var folder = settings.Words ?? throw Missing("--words", "the folder with adjectivelist.txt, nounlist.txt and verblist.txt of the Python package wonderwords");
            return (WordList(folder, "adjectivelist.txt"), WordList(folder, "nounlist.txt"), WordList(folder, "verblist.txt"));
        });
        _pairs = new(() => [.. _lists.Value.Adjectives.SelectMany(_ => _lists.Value.Nouns, (adjective, noun) => $"{adjective}-{noun}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        _words = new(() => Shuffled(_lists.Value.Nouns.Concat(_lists.Value.Adjectives).Concat(_lists.Value.Verbs), settings.Seed));
        _moreWords = new(() => Shuffled(
            MoreWords(settings.MoreWords ?? throw Missing("--more-words", $"a JSON file of words: this length takes more than the {_words.Value.Count} of the word lists")), settings.Seed));
        _essays = new(() => Essays(settings.Essays ?? throw Missing("--essays", "a text file, a JSON file of {text}, or a folder of text files: RULER takes Paul Graham's essays")));
        _squad = new(() => Squad(settings.Squad ?? throw Missing("--squad", "SQuAD's file: v2.0 dev is RULER's, with v1.1 the task is like it")));
        _hotpot = new(() => Hotpot(settings.Hotpot ?? throw Missing("--hotpot", "HotpotQA's dev file, distractor setting")));
    }

    /// <summary>"adjective-noun", sorted.</summary>
    public IReadOnlyList<string> Pairs => _pairs.Value;

    public (IReadOnlyList<string> Documents, IReadOnlyList<RulerQuestion> Questions) SquadQuestions => _squad.Value;

    public (IReadOnlyList<string> Documents, IReadOnlyList<RulerQuestion> Questions) HotpotQuestions => _hotpot.Value;

    /// <summary>At least so many single words, in an order of the seed.</summary>
    public IReadOnlyList<string> Words(int count)
    {
        if (count <= _words.Value.Count)
            return _words.Value;
        return count <= _moreWords.Value.Count ? _moreWords.Value : throw new RulerSourceException($"--more-words: found {_moreWords.Value.Count} words, expected at least {count} for this length");
    }

    /// <summary>The first words of the essays, again from the start where they end.</summary>
    public string Essay(int words)
    {
        var all = _essays.Value;
        var text = new StringBuilder();
        for (var word = 0; word < words; word++)
            text.Append(word == 0 ? "" : " ").Append(all[word % all.Length]);
        return text.ToString();
    }

    private static RulerSourceException Missing(string option, string expected) => new($"{option}: found nothing, expected {expected}");

    private static List<string> Shuffled(IEnumerable<string> words, long seed)
    {
        List<string> ordered = [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        new RulerDraws(seed, "words").Shuffle(ordered);
        return ordered;
    }

    private static string[] WordList(string folder, string name)
    {
        string[] words = [.. Read(Path.Combine(folder, name), $"a list of words of the package wonderwords, one a line").Text.Split('\n').Select(word => word.Trim()).Where(word => word.Length > 0)];
        return words.Length > 0 ? words : throw new InvalidDataFileException(Path.Combine(folder, name), "file", "no words", "one a line");
    }

    private static IEnumerable<string> MoreWords(string path)
    {
        var root = Read(path, "words").Json();
        return root.Value.ValueKind == JsonValueKind.Array ? root.Elements().Select(word => word.AsText()) : root.Members().Select(member => member.Name);
    }

    private static string[] Essays(string path)
    {
        string[] files = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.txt").Order(StringComparer.Ordinal)] : [path];
        var words = files.Select(file => Essay(Read(file, "essays"))).SelectMany(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return words.Length > 0 ? words : throw new InvalidDataFileException(path, "file", "no words", "essays, or a folder with them as .txt");
    }

    private static string Essay(DataFile file) => file.Text.TrimStart().StartsWith('{') ? file.Json()["text"].AsText() : file.Text;

    private static (IReadOnlyList<string>, IReadOnlyList<RulerQuestion>) Squad(string path)
    {
        var articles = Read(path, "SQuAD's JSON").Json()["data"].Elements().Select(article => article["paragraphs"].Elements().ToArray()).ToArray();
        List<string> documents = [.. articles.SelectMany(article => article).Select(paragraph => paragraph["context"].AsText()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var places = documents.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var questions = new List<RulerQuestion>();
        foreach (var article in articles)
        {
            int[] ofArticle = [.. article.Select(paragraph => places[paragraph["context"].AsText()]).Distinct()];
            foreach (var paragraph in article)
            {
                var own = places[paragraph["context"].AsText()];
                foreach (var question in paragraph["qas"].Elements())
                {
                    if (question.Find("is_impossible") is { Value.ValueKind: JsonValueKind.True })
                        continue;
                    string[] answers = [.. question["answers"].Elements().Select(answer => answer["text"].AsText())];
                    questions.Add(new RulerQuestion(question["question"].AsText(), answers, [own], [.. ofArticle.Where(document => document != own)]));
                }
            }
        }

        return (documents, questions);
    }

    private static (IReadOnlyList<string>, IReadOnlyList<RulerQuestion>) Hotpot(string path)
    {
        var records = Read(path, "HotpotQA's JSON").Records().Select(record => (Record: record, Documents: Documents(record))).ToArray();
        List<string> documents = [.. records.SelectMany(record => record.Documents).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var places = documents.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return (documents, [.. records.Select(record =>
            new RulerQuestion(record.Record["question"].AsText(), [record.Record["answer"].AsText()], [.. record.Documents.Select(document => places[document]).Distinct()], []))]);
    }

    /// <summary>"title, newline, sentences" of each paragraph: [title, [sentence, ...]] as published.</summary>
    private static string[] Documents(Node record) => [.. record["context"].Elements().Select(paragraph =>
    {
        var parts = paragraph.Elements().ToArray();
        return parts.Length == 2
            ? $"{parts[0].AsText()}\n{string.Concat(parts[1].Elements().Select(sentence => sentence.AsText()))}"
            : throw paragraph.File.Broken(paragraph.Place, $"{parts.Length} elements", "a title and a list of sentences");
    })];

    private static DataFile Read(string path, string what)
    {
        if (!File.Exists(path))
            throw new InvalidDataFileException(path, "file", "none", what);
        return new FileInfo(path).Length <= MostBytes
            ? new DataFile(path, File.ReadAllBytes(path))
            : throw new InvalidDataFileException(path, "file", $"{new FileInfo(path).Length} bytes", $"at most {MostBytes}");
    }
}
