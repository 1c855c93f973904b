using System.CommandLine.Parsing;
using System.Globalization;

namespace Sweep.Cli;

/// <summary>Values of options, each refused by place, found and expected.</summary>
internal static class OptionValues
{
    public static int WholeNumber(ArgumentResult result, int least, int most)
    {
        var word = Word(result);
        if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        result.AddError($"{Name(result)}: found '{word}', expected a whole number {(most == int.MaxValue ? $"of at least {least}" : $"from {least} to {most}")}");
        return least;
    }

    public static double Number(ArgumentResult result)
    {
        var word = Word(result);
        if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        result.AddError($"{Name(result)}: found '{word}', expected a finite number");
        return 0;
    }

    public static ulong Seed(ArgumentResult result)
    {
        var word = Word(result);
        if (ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        result.AddError($"{Name(result)}: found '{word}', expected a whole number of at least 0");
        return 0;
    }

    /// <summary>One of a few words, in any case.</summary>
    public static T OneOf<T>(ArgumentResult result, params ReadOnlySpan<(string Word, T Value)> known)
    {
        var word = Word(result);
        var names = new List<string>();
        foreach (var (name, value) in known)
        {
            if (name.Equals(word, StringComparison.OrdinalIgnoreCase))
                return value;
            names.Add(name);
        }

        result.AddError($"{Name(result)}: found '{word}', expected {(names.Count == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}")}");
        return known[0].Value;
    }

    public static string FileName(ArgumentResult result)
    {
        var word = Word(result);
        if (string.IsNullOrWhiteSpace(word) || word.Contains('\0'))
            result.AddError($"{Name(result)}: found '{word}', expected a file's name");
        return word;
    }

    /// <summary>Words with commas between them.</summary>
    public static string[] Words(ArgumentResult result) => Word(result).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static string Word(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";

    public static string Name(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
