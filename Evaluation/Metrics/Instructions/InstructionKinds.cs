using System.Text.Json;

namespace Sweep.Evaluation.Metrics.Instructions;

/// <summary>The 25 kinds of the published file, by name.</summary>
internal static class InstructionKinds
{
    private static readonly InstructionKind[] All =
    [
        new CapitalWordFrequency(), new EnglishCapital(), new EnglishLowercase(),
        new RepeatPrompt(), new TwoResponses(),
        new NumberPlaceholders(), new Postscript(),
        new ConstrainedResponse(), new JsonFormat(), new MultipleSections(), new NumberBulletLists(), new NumberHighlightedSections(), new Title(),
        new KeywordExistence(), new ForbiddenWords(), new KeywordFrequency(), new LetterFrequency(),
        new ResponseLanguage(),
        new NthParagraphFirstWord(), new NumberParagraphs(), new NumberSentences(), new NumberWords(),
        new NoComma(),
        new EndChecker(), new Quotation(),
    ];

    private static readonly Dictionary<string, InstructionKind> ByName = All.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => ByName.Keys;

    public static InstructionKind Find(string name) => ByName[name];

    /// <summary>The first thing wrong with the arguments of an instruction of a known kind; null: nothing.</summary>
    public static ArgumentProblem? Problem(Instruction instruction)
    {
        var kind = Find(instruction.Kind);
        foreach (var argument in kind.Arguments)
        {
            if (!instruction.Arguments.TryGetValue(argument.Name, out var value))
                return new ArgumentProblem(argument.Name, "nothing", argument.Expected);
            if (!argument.Fits(value))
                return new ArgumentProblem(argument.Name, Shown(value), argument.Expected);
        }

        var unknown = instruction.Arguments.Keys.FirstOrDefault(name => !kind.Arguments.Any(argument => argument.Name == name));
        return unknown is null
            ? kind.Conflict(instruction)
            : new ArgumentProblem(unknown, Shown(instruction.Arguments[unknown]), kind.Arguments.Count == 0 ? $"no argument of {kind.Name}" : $"only {string.Join(", ", kind.Arguments.Select(argument => argument.Name))}");
    }

    private static string Shown(JsonElement value)
    {
        const int Most = 40;
        var text = value.GetRawText();
        return text.Length <= Most ? text : $"{text[..Most]}...";
    }
}
