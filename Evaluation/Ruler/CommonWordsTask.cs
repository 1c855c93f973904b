namespace Sweep.Evaluation.Ruler;

/// <summary>cwe: a numbered list of words of which ten stand more often than the others. One worked example comes first.</summary>
internal sealed class CommonWordsTask(RulerSources sources, RulerSettings settings) : RulerTask
{
    private const int Common = 10;

    private const string Prefix = " Answer: The top 10 words that appear most often in the list are:";

    public override string Name => "cwe";

    public override int AnswerTokens => 120;

    public override int FewestUnits => Common;

    private bool IsShort => settings.Length < 4096;

    public override int Step(int length) => 10;

    public override RulerPrompt Make(int index, int units)
    {
        var draws = new RulerDraws(settings.Seed, $"cwe/{index}");
        var example = IsShort ? List(draws, 20, 3, 1) : List(draws, 40, 10, 3);
        var prompt = IsShort ? List(draws, units, 6, 1) : List(draws, units, 30, 3);
        return prompt with { Input = $"{example.Input}{example.AnswerPrefix} {Numbered(example.Outputs)}\n{prompt.Input}" };
    }

    private static string Numbered(IEnumerable<string> words) => string.Join(' ', words.Select((word, index) => FormattableString.Invariant($"{index + 1}. {word}")));

    private RulerPrompt List(RulerDraws draws, int count, int common, int uncommon)
    {
        var words = sources.Words(count);
        string[] drawn = [.. draws.Distinct(count, words.Count).Select(place => words[place])];
        draws.Shuffle(drawn);
        List<string> list = [.. drawn.SelectMany((word, index) => Enumerable.Repeat(word, index < Common ? common : uncommon))];
        draws.Shuffle(list);
        return new RulerPrompt(
            $"Below is a numbered list of words. In these words, some appear more often than others. Memorize the ones that appear most often.\n{Numbered(list)}\nQuestion: What are the 10 most common words in the above list?",
            Prefix,
            drawn[..Common]);
    }
}
