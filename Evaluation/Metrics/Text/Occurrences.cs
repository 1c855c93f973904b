namespace Sweep.Evaluation.Metrics.Text;

/// <summary>Where a part stands in a text, from left to right and without overlap, as Python's findall counts.</summary>
internal static class Occurrences
{
    public static IEnumerable<int> Of(string part, string text, StringComparison comparison)
    {
        for (var at = text.IndexOf(part, comparison); at >= 0; at = text.IndexOf(part, at + part.Length, comparison))
            yield return at;
    }
}
