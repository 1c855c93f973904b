using Sweep.Execution.Benchmarks;

namespace Sweep.Execution.Calibration;

/// <summary>Finds documents that are calibrated on and measured on: results on them would say nothing about others.</summary>
internal static class CalibrationOverlap
{
    private const int MostNamed = 3;

    /// <summary>One problem for each benchmark that has items of which a document (context, paragraph), the prompt, or the prompt with an answer is a calibration document.</summary>
    public static IEnumerable<string> Find(CalibrationText text, IReadOnlyList<(string Benchmark, IReadOnlyList<BenchmarkItem> Items)> benchmarks, string place = "calibration.data")
    {
        var documents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var document in text.Documents)
            documents.TryAdd(CalibrationText.HashOf(document.Text), document.Name);
        return Find(place, documents, benchmarks);
    }

    /// <param name="place">Where the documents come from, for the message.</param>
    /// <param name="documents">Names by <see cref="CalibrationText.HashOf"/>.</param>
    public static IEnumerable<string> Find(
        string place, IReadOnlyDictionary<string, string> documents, IReadOnlyList<(string Benchmark, IReadOnlyList<BenchmarkItem> Items)> benchmarks)
    {
        foreach (var (benchmark, items) in benchmarks)
        {
            var measured = items
                .SelectMany(Texts)
                .Select(measured => documents.GetValueOrDefault(CalibrationText.HashOf(measured)))
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .ToArray();
            if (measured.Length == 0)
                continue;
            var named = string.Join(", ", measured.Take(MostNamed)) + (measured.Length > MostNamed ? ", …" : "");
            yield return $"{place}: found {measured.Length} documents that benchmark '{benchmark}' measures too ({named}), expected a calibration text that is disjoint from what is measured";
        }
    }

    private static IEnumerable<string> Texts(BenchmarkItem item)
    {
        var prompt = item.Prefix + item.Context + item.Suffix;
        yield return prompt;
        foreach (var document in item.Documents)
            yield return document;
        foreach (var continuation in item.Continuations)
            yield return prompt + continuation;
    }
}
