using System.Globalization;
using Sweep.Evaluation.Metrics.Text;

namespace Sweep.Evaluation.Ruler;

/// <summary>What needles lie in.</summary>
internal enum Haystack
{
    Noise,
    Essay,

    /// <summary>Needles of other keys.</summary>
    Needle,
}

/// <summary>What a key or value is.</summary>
internal enum NeedleKind
{
    Words,
    Numbers,
    Uuids,
}

/// <summary>The parameters of a niah configuration: kinds, numbers of keys, of values a key, and of keys that are asked for.</summary>
internal sealed record NeedleShape(string Name, Haystack Haystack, NeedleKind Key, NeedleKind Value, int Keys = 1, int Values = 1, int Queries = 1);

/// <summary>niah: sentences that tell a key's value lie in a text, the question asks for the values of some keys.</summary>
internal sealed class NeedleTask(NeedleShape shape, RulerSources sources, long seed) : RulerTask
{
    public const string Noise = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

    private const string Template =
        "Some special magic {type_needle_v} are hidden within the following text. Make sure to memorize it. I will quiz you about the {type_needle_v} afterwards.\n{context}\nWhat are all the special magic {type_needle_v} for {query} mentioned in the provided text?";

    private const string Prefix = " The special magic {type_needle_v} for {query} mentioned in the provided text are";

    /// <summary>Of the essays, and of the shuffle that is the same for every sample.</summary>
    private const long Fixed = 42;

    /// <summary>40 whole numbers evenly spaced from 0 to 100, rounded half to even.</summary>
    private static readonly int[] Depths = [.. Enumerable.Range(0, 40).Select(i => (int)Math.Round(i * 100 / 39.0, MidpointRounding.ToEven))];

    public override string Name => shape.Name;

    public override int AnswerTokens => 128;

    /// <summary>A place for every needle; of essays a word.</summary>
    public override int FewestUnits => shape.Haystack == Haystack.Essay ? 1 : Needles;

    private int Keys => Math.Max(shape.Keys, shape.Queries);

    private int Needles => Keys * shape.Values;

    public override int Step(int length) => shape.Haystack == Haystack.Essay ? 500 : length < 4096 ? 5 : 25;

    public override RulerPrompt Make(int index, int units)
    {
        var draws = new RulerDraws(seed, $"{Name}/{index}");
        var keys = new List<string>();
        var values = new List<string[]>();
        var needles = new List<string>();
        for (var key = 0; key < Keys; key++)
        {
            var name = Draw(shape.Key, draws);
            while (keys.Contains(name))
                name = Draw(shape.Key, draws);
            keys.Add(name);
            values.Add([.. Enumerable.Range(0, shape.Values).Select(_ => Draw(shape.Value, draws))]);
            needles.AddRange(values[key].Select(value => Needle(name, value)));
        }

        new RulerDraws(Fixed, "needles").Shuffle(needles);
        int[] asked = [.. Enumerable.Range(0, Keys)];
        draws.Shuffle(asked);
        asked = asked[..shape.Queries];
        string[] queries = [.. asked.Select(key => keys[key])];
        var query = queries.Length > 1 ? $"{string.Join(", ", queries[..^1])}, and {queries[^1]}" : queries[0];
        var context = shape.Haystack == Haystack.Essay ? Essay(needles, units, draws) : Lines(needles, units, draws);

        var (template, prefix, kind) = (Template, Prefix, Word(shape.Value));
        if (shape.Queries * shape.Values == 1)
            (template, prefix, kind) = (Singular(template), Singular(prefix), kind[..^1]);
        return new RulerPrompt(Filled(template, kind, query, context), Filled(prefix, kind, query, ""), [.. asked.SelectMany(key => values[key])]);
    }

    private static string Singular(string template) => template
        .Replace("Some", "A", StringComparison.Ordinal)
        .Replace("are all", "is", StringComparison.Ordinal)
        .Replace("are", "is", StringComparison.Ordinal)
        .Replace("answers", "answer", StringComparison.Ordinal);

    /// <summary>What is filled in last is the context, so that nothing in it is taken for a field.</summary>
    private static string Filled(string template, string kind, string query, string context) => template
        .Replace("{type_needle_v}", kind, StringComparison.Ordinal)
        .Replace("{query}", query, StringComparison.Ordinal)
        .Replace("{context}", context, StringComparison.Ordinal);

    private string Needle(string key, string value) => $"One of the special magic {Word(shape.Value)} for {key} is: {value}.";

    private static string Word(NeedleKind kind) => kind switch { NeedleKind.Words => "words", NeedleKind.Numbers => "numbers", _ => "uuids" };

    private string Draw(NeedleKind kind, RulerDraws draws) => kind switch
    {
        NeedleKind.Words => draws.Of(sources.Pairs),
        NeedleKind.Numbers => draws.Between(1_000_000, 9_999_999).ToString(CultureInfo.InvariantCulture),
        _ => draws.Uuid(),
    };

    private string Lines(List<string> needles, int units, RulerDraws draws)
    {
        List<string> lines = [.. Enumerable.Range(0, units).Select(_ => shape.Haystack == Haystack.Noise ? Noise : Needle(Draw(shape.Key, draws), Draw(shape.Value, draws)))];
        foreach (var (needle, place) in needles.Zip(draws.Distinct(needles.Count, units).Reverse()))
            lines.Insert(place, needle);
        return string.Join('\n', lines);
    }

    private string Essay(List<string> needles, int words, RulerDraws draws)
    {
        var sentences = PunktSentences.Split(sources.Essay(words));
        // Places are drawn from the depths, the same for every size of the sample.
        int[] places = [.. draws.Distinct(needles.Count, Depths.Length).Select(depth => (int)(sentences.Count * (Depths[depth] / 100.0)))];
        var parts = new List<string>();
        var from = 0;
        foreach (var (needle, place) in needles.Zip(places))
        {
            parts.Add(string.Join(' ', sentences[from..place]));
            parts.Add(needle);
            from = place;
        }

        parts.Add(string.Join(' ', sentences[from..]));
        return string.Join(' ', parts);
    }
}
