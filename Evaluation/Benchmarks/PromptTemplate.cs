using System.Text;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>A prompt as data: its text with fields in braces, and the version that changes with any character of it.</summary>
/// <param name="Version">For instance "squad-prompt/1".</param>
/// <param name="Text">For instance "Context: {context}\nQuestion: {question}\nAnswer:".</param>
/// <param name="Context">The field whose end may be cut to fit a context limit; null: none.</param>
public sealed partial record PromptTemplate(string Version, string Text, string? Context = null)
{
    /// <summary>The text with these values, which are taken as they are: braces in them mean nothing.</summary>
    internal FilledPrompt Fill(params IReadOnlyList<(string Field, string Value)> values)
    {
        var parts = (Prefix: new StringBuilder(), Context: "", Suffix: new StringBuilder());
        var (at, current) = (0, parts.Prefix);
        foreach (Match field in Fields().Matches(Text))
        {
            current.Append(Text, at, field.Index - at);
            at = field.Index + field.Length;
            var name = field.Groups[1].Value;
            var value = values.Single(value => value.Field == name).Value;
            if (name == Context)
                (parts.Context, current) = (value, parts.Suffix);
            else
                current.Append(value);
        }

        current.Append(Text, at, Text.Length - at);
        return new FilledPrompt(parts.Prefix.ToString(), parts.Context, parts.Suffix.ToString());
    }

    [GeneratedRegex(@"\{(\w+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Fields();
}

/// <summary>A prompt is prefix + context + suffix, of which only the context may be cut.</summary>
internal sealed record FilledPrompt(string Prefix, string Context, string Suffix)
{
    public string Text => Prefix + Context + Suffix;
}
