using System.CommandLine;
using Sweep.Contracts.Plans;

namespace Sweep.Cli.Commands;

/// <summary>Options of commands that have a model read texts.</summary>
internal sealed class TextOptions
{
    private static readonly CalibrationPlan Defaults = new() { Data = "" };

    private readonly Option<string> _texts = new("--texts") { Description = "Plain text, or jsonl of {id, half, text}.", HelpName = "file", Required = true, CustomParser = OptionValues.FileName };

    private readonly Option<string?> _half = new("--half") { Description = "Documents of this half only.", HelpName = "name" };

    private readonly Option<int> _documents = Count("--documents", "At most this many documents.", Defaults.Documents);

    private readonly Option<int> _maxTokens = Count("--max-tokens", "Each document is cut at this many tokens.", Defaults.MaxTokens);

    public IReadOnlyList<Option> All => [_texts, _half, _documents, _maxTokens];

    public CalibrationPlan Read(ParseResult parsed) => new()
    {
        Data = parsed.GetValue(_texts)!,
        Half = parsed.GetValue(_half),
        Documents = parsed.GetValue(_documents),
        MaxTokens = parsed.GetValue(_maxTokens),
    };

    public static Option<int> Count(string name, string description, int value) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => value,
        CustomParser = result => OptionValues.WholeNumber(result, 1, int.MaxValue),
    };

    public static Option<string> Precision() => new("--precision")
    {
        Description = "fp32, bf16, fp16, or on a GPU tf32.",
        HelpName = "word",
        DefaultValueFactory = _ => PlanWords.Precisions[0],
        CustomParser = result => OptionValues.OneOf(result, [.. PlanWords.Precisions.Select(word => (word, word))]),
    };
}
