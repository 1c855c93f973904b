using Sweep.Execution.Benchmarks;

namespace Sweep.Execution.Calibration;

/// <summary>Finds documents that are calibrated on and measured on: results on them would say nothing about others.</summary>
internal static class CalibrationOverlap
{
    /// <summary>One problem for each calibration document that is an item's text, context, prompt, or prompt with an answer.</summary>
    public static IEnumerable<string> Find(CalibrationText text, IReadOnlyList<(string Benchmark, IReadOnlyList<BenchmarkItem> Items)> benchmarks)
    {
        var documents = new Dictionary<string, CalibrationDocument>(StringComparer.Ordinal);
        foreach (var document in text.Documents)
            documents.TryAdd(CalibrationText.HashOf(document.Text), document);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (benchmark, items) in benchmarks)
        {
            foreach (var item in items)
            {
                foreach (var measured in Texts(item))
                {
                    if (documents.TryGetValue(CalibrationText.HashOf(measured), out var document) && named.Add(document.Name))
                        yield return $"calibration.data: document '{document.Name}' is also measured, by item {item.Id} of benchmark '{benchmark}'; calibration and measured text must be disjoint";
                }
            }
        }
    }

    private static IEnumerable<string> Texts(BenchmarkItem item)
    {
        var prompt = item.Prefix + item.Context + item.Suffix;
        yield return prompt;
        if (!string.IsNullOrWhiteSpace(item.Context))
            yield return item.Context;
        foreach (var continuation in item.Continuations)
            yield return prompt + continuation;
    }
}
