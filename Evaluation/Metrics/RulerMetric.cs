using System.Text;

namespace Sweep.Evaluation.Metrics;

/// <summary>RULER's string_match_all: the share of references contained in the response, whatever the case.</summary>
public static class RulerMetric
{
    public static double ShareContained(IReadOnlyList<string> references, string response)
    {
        var cleaned = new StringBuilder(response.Trim());
        for (var i = 0; i < cleaned.Length; i++)
        {
            if (cleaned[i] < ' ')
                cleaned[i] = '\n';
        }

        var found = cleaned.ToString().Trim().ToLowerInvariant();
        return references.Count == 0 ? 0 : (double)references.Count(reference => found.Contains(reference.ToLowerInvariant(), StringComparison.Ordinal)) / references.Count;
    }
}
