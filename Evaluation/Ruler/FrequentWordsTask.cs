namespace Sweep.Evaluation.Ruler;

/// <summary>fwe: a text of coded words whose frequencies fall with the square of their rank; the first is noise, the next three are asked for. A unit is a word.</summary>
internal sealed class FrequentWordsTask(RulerSettings settings) : RulerTask
{
    /// <summary>The zeta function at 2, over which frequencies add up to one.</summary>
    private const double Zeta = Math.PI * Math.PI / 6;

    public override string Name => "fwe";

    public override int AnswerTokens => 50;

    /// <summary>Below it the fourth rank would be as frequent as the fifth.</summary>
    public override int FewestUnits => 64;

    public override int Step(int length) => Math.Max(1, length / 32);

    public override RulerPrompt Make(int index, int units)
    {
        var draws = new RulerDraws(settings.Seed, $"fwe/{index}");
        var size = (settings.Length - AnswerTokens) / 50;
        if (size < 4)
            throw new RulerSourceException($"fwe: found --length {settings.Length}, expected at least {(4 * 50) + AnswerTokens}: it takes four coded words");
        var drawn = new SortedSet<string>(StringComparer.Ordinal);
        while (drawn.Count < size)
            drawn.Add(draws.Letters(6, 'a'));
        string[] coded = [.. drawn];
        draws.Shuffle(coded);
        coded[0] = "...";
        List<string> text = [.. coded.SelectMany((word, rank) => Enumerable.Repeat(word, (int)(units * Math.Pow(rank + 1, -2) / Zeta)))];
        draws.Shuffle(text);
        return new RulerPrompt(
            $"Read the following coded text and track the frequency of each coded word. Find the three most frequently appeared coded words. {string.Join(' ', text)}\nQuestion: Do not provide any explanation. Please ignore the dots '....'. What are the three most frequently appeared words in the above coded text?",
            " Answer: According to the coded text above, the three most frequently appeared words are:",
            coded[1..4]);
    }
}
