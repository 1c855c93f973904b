using System.Globalization;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Ruler;

/// <summary>vt: a chain of assignments lies in noise; which variables have the first one's value? One worked example comes first.</summary>
internal sealed partial class VariableTask : RulerTask
{
    private const int Hops = 4;
    private const int ExampleTokens = 500;
    private const int ExampleStep = 5;
    private const string ExampleValue = "12345";

    private readonly long _seed;
    private readonly Lazy<RulerPrompt> _example;

    public VariableTask(RulerSettings settings)
    {
        _seed = settings.Seed;
        // The example is the longest that fits its own budget, by the same steps as a sample.
        _example = new Lazy<RulerPrompt>(() =>
        {
            var units = FewestUnits;
            while (settings.CountTokens(Whole(units + ExampleStep)) + AnswerTokens <= ExampleTokens)
                units += ExampleStep;
            return Example(units);
        });
        string Whole(int units) => Example(units) is var example ? example.Input + example.AnswerPrefix : "";
    }

    public override string Name => "vt";

    public override int AnswerTokens => 30;

    public override int FewestUnits => Hops + 1;

    public override int Step(int length) => length < 4096 ? 5 : 10;

    public override RulerPrompt Make(int index, int units)
    {
        var draws = new RulerDraws(_seed, $"vt/{index}");
        var example = Renamed(_example.Value, draws);
        var prompt = Chain(draws, letters: 5, draws.Between(10_000, 99_998).ToString(CultureInfo.InvariantCulture), units);
        return prompt with { Input = example + "\n" + prompt.Input };
    }

    private RulerPrompt Example(int units) => Chain(new RulerDraws(_seed, "vt/example"), letters: 3, ExampleValue, units);

    /// <summary>The example with other variables and another value, which are as long: its tokens may change, its words do not.</summary>
    private static string Renamed(RulerPrompt example, RulerDraws draws)
    {
        var text = $"{example.Input}{example.AnswerPrefix} {string.Join(' ', example.Outputs)}\n";
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in example.Outputs)
        {
            var other = draws.Letters(name.Length, 'A');
            while (names.ContainsValue(other) || other == "VAR")
                other = draws.Letters(name.Length, 'A');
            names[name] = other;
        }

        return Variable().Replace(text, match => names.GetValueOrDefault(match.Value, match.Value))
            .Replace(ExampleValue, draws.Between(10_000, 99_998).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static RulerPrompt Chain(RulerDraws draws, int letters, string value, int units)
    {
        var names = new List<string>();
        while (names.Count <= Hops)
        {
            var name = draws.Letters(letters, 'A');
            if (!names.Contains(name) && name != "VAR")
                names.Add(name);
        }

        // Later lines carry a trailing space, as published.
        string[] chain = [$"VAR {names[0]} = {value}", .. Enumerable.Range(1, Hops).Select(hop => $"VAR {names[hop]} = VAR {names[hop - 1]} ")];
        List<string> lines = [.. Enumerable.Repeat(NeedleTask.Noise, units)];
        foreach (var (line, place) in chain.Zip(draws.Distinct(chain.Length, units)).Reverse())
            lines.Insert(place, line);
        var context = string.Join('\n', lines).Replace(". \n", ".\n", StringComparison.Ordinal);
        return new RulerPrompt(
            $"Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n{context}\nQuestion: Find all variables that are assigned the value {value} in the text above.",
            $" Answer: According to the chain(s) of variable assignment in the text above, {Hops + 1} variables are assigned the value {value}, they are: ",
            names);
    }

    [GeneratedRegex(@"\b[A-Z]{3}\b", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
