using System.Text;

namespace Sweep.Evaluation.Metrics;

/// <summary>RULER's string_match_all: the share of references contained in the response, whatever the case.</summary>
public static class RulerMetric
{
    public static double ShareContained(IReadOnlyList<string> references, string response)
    {
        var found = Cleaned(response);
        return references.Count == 0 ? 0 : (double)references.Count(reference => Contains(found, reference)) / references.Count;
    }

    /// <summary>string_match_part: 1 where any reference is contained.</summary>
    public static double AnyContained(IReadOnlyList<string> references, string response)
    {
        var found = Cleaned(response);
        return references.Any(reference => Contains(found, reference)) ? 1 : 0;
    }

    private static bool Contains(string found, string reference) => found.Contains(reference.ToLowerInvariant(), StringComparison.Ordinal);

    /// <summary>The official clean-up, and lower case: control characters become newlines.</summary>
    private static string Cleaned(string response)
    {
        var cleaned = new StringBuilder(response.Trim());
        for (var i = 0; i < cleaned.Length; i++)
        {
            if (cleaned[i] < ' ')
                cleaned[i] = '\n';
        }

        return cleaned.ToString().Trim().ToLowerInvariant();
    }
}
