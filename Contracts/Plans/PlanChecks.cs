using System.Globalization;

namespace Sweep.Contracts.Plans;

/// <summary>The checks that several parts of a plan share; each adds a problem where its rule does not hold.</summary>
internal sealed class PlanChecks(List<PlanProblem> problems)
{
    private const int LongestShown = 60;

    public void NotEmpty<T>(IReadOnlyList<T> values, string path, string expected)
    {
        if (values.Count == 0)
            problems.Add(new PlanProblem(path, $"found an empty list, expected at least {expected}"));
    }

    public void NotBlank(string text, string path, string expected)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Contains('\0', StringComparison.Ordinal))
            problems.Add(new PlanProblem(path, $"found {Shown(text)}, expected {expected}"));
    }

    /// <summary>A name people give: shown in tables, so one line and short.</summary>
    public void Name(string name, string path)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > PlanValidator.LongestName || name.Any(char.IsControl))
            problems.Add(new PlanProblem(path, $"found {Shown(name)}, expected 1 to {PlanValidator.LongestName} characters in one line"));
    }

    public void Word(string word, IReadOnlyList<string> words, string path)
    {
        if (!words.Contains(word, StringComparer.Ordinal))
            problems.Add(new PlanProblem(path, $"found {Shown(word)}, expected {PlanWords.OneOf(words)}"));
    }

    public void Between(int? value, int lowest, int highest, string path)
    {
        if (value is { } number && (number < lowest || number > highest))
            problems.Add(new PlanProblem(path, $"found {number}, expected a whole number {(highest == int.MaxValue ? $"of at least {lowest}" : $"from {lowest} to {highest}")}"));
    }

    public void Positive(double value, double largest, string path)
    {
        if (!(value > 0 && value <= largest))
            problems.Add(new PlanProblem(path, $"found {Shown(value)}, expected a finite number above 0"));
    }

    /// <summary>Finite and distinct numbers.</summary>
    public void Numbers(IReadOnlyList<double> values, string path, bool distinct)
    {
        for (var index = 0; index < values.Count; index++)
        {
            if (!double.IsFinite(values[index]))
                problems.Add(new PlanProblem($"{path}[{index}]", $"found {Shown(values[index])}, expected a finite number"));
        }

        if (distinct)
            Distinct(values, index => $"{path}[{index}]", "a number");
    }

    public void Distinct<T>(IReadOnlyList<T> values, Func<int, string> path, string what)
        where T : notnull
    {
        var first = new Dictionary<T, int>();
        for (var index = 0; index < values.Count; index++)
        {
            if (!first.TryAdd(values[index], index))
                problems.Add(new PlanProblem(path(index), $"found {Shown(values[index])} a second time (first at {path(first[values[index]])}), expected each {what[2..]} once"));
        }
    }

    public static string Shown<T>(T value) => value switch
    {
        string text => $"'{string.Concat((text.Length > LongestShown ? text[..LongestShown] + "…" : text).Select(letter => char.IsControl(letter) ? ' ' : letter))}'",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "nothing",
    };
}
