using System.Globalization;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics;

/// <summary>DROP's exact match and F1 (drop_eval.py): numbers compared as numbers, spans aligned one to one, F1 of 0 where the numbers differ, the maximum over answers.</summary>
public static partial class DropMetric
{
    /// <summary>The best exact match and the best F1 over the answers, each by itself; an answer that says nothing is no answer.</summary>
    public static (double Exact, double F1) Best(IReadOnlyList<IReadOnlyList<string>> answers, IReadOnlyList<string> response)
    {
        var best = (Exact: 0.0, F1: 0.0);
        foreach (var answer in answers)
        {
            if (answer.Count == 0 || answer[0].Trim().Length == 0)
                continue;
            var (exact, f1) = Score(answer, response);
            best = (Math.Max(best.Exact, exact), Math.Max(best.F1, f1));
        }

        return best;
    }

    /// <summary>One answer's spans against a response's.</summary>
    public static (double Exact, double F1) Score(IReadOnlyList<string> gold, IReadOnlyList<string> response)
    {
        var (goldSpans, goldBags) = Bags(gold);
        var (foundSpans, foundBags) = Bags(response);
        var exact = goldSpans.Length == foundSpans.Length && goldSpans.ToHashSet(StringComparer.Ordinal).SetEquals(foundSpans) ? 1.0 : 0;
        var scores = new double[goldBags.Length, foundBags.Length];
        for (var g = 0; g < goldBags.Length; g++)
        {
            for (var f = 0; f < foundBags.Length; f++)
                scores[g, f] = NumbersAgree(goldBags[g], foundBags[f]) ? BagF1(goldBags[g], foundBags[f]) : 0;
        }

        var longest = Math.Max(goldBags.Length, foundBags.Length);
        var f1 = longest == 0 ? 0 : Assignment.BestTotal(scores) / longest;

        // Python's round halves to even, as Math.Round does.
        return (exact, Math.Round(f1, 2));
    }

    /// <summary>Token by token: lower case, without punctuation (numbers keep theirs), numbers as Python writes floats, without articles.</summary>
    public static string Normalize(string text)
    {
        var parts = new List<string>();
        foreach (var raw in text.Split([' ', '-']))
        {
            var token = raw.ToLowerInvariant();
            if (!IsNumber(token))
                token = AnswerText.WithoutPunctuation(token);
            if (IsNumber(token))
                token = PythonFloat(token);
            token = AnswerText.Squeezed(AnswerText.WithoutArticles(token));
            if (token.Length > 0)
                parts.Add(token);
        }

        return string.Join(' ', parts).Trim();
    }

    private static (string[] Spans, HashSet<string>[] Bags) Bags(IReadOnlyList<string> answer)
    {
        string[] spans = [.. answer.Select(Normalize)];
        return (spans, [.. spans.Select(span => AnswerText.Words(span).ToHashSet(StringComparer.Ordinal))]);
    }

    private static double BagF1(HashSet<string> gold, HashSet<string> found)
    {
        var common = (double)gold.Count(found.Contains);
        var precision = found.Count == 0 ? 1 : common / found.Count;
        var recall = gold.Count == 0 ? 1 : common / gold.Count;
        return precision == 0 && recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    private static bool NumbersAgree(HashSet<string> gold, HashSet<string> found)
    {
        var numbers = gold.Where(IsNumber).ToArray();
        return numbers.Length == 0 || numbers.Any(found.Contains);
    }

    private static bool IsNumber(string token) => PythonNumber().IsMatch(token);

    private static string PythonFloat(string token)
    {
        var text = token.Trim().Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        var unsigned = text.TrimStart('+', '-');
        if (unsigned is "nan")
            return "nan";
        if (unsigned is "inf" or "infinity")
            return text.StartsWith('-') ? "-inf" : "inf";
        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        var size = Math.Abs(value);
        if (value != 0 && (size >= 1e16 || size < 1e-4))
            return value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        var plain = decimal.TryParse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            ? exact.ToString(CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
        return plain.Contains('.', StringComparison.Ordinal) ? plain : plain + ".0";
    }

    /// <summary>What Python's float() reads.</summary>
    [GeneratedRegex(@"^\s*[+-]?(nan|inf|infinity|(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?)\s*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ECMAScript)]
    private static partial Regex PythonNumber();
}
