using Sweep.Contracts.Results;
using Sweep.Dashboard.Live;

namespace Sweep.Dashboard.Pages.Answers;

/// <summary>Which model and benchmark of a sweep are looked at.</summary>
internal sealed record SweepSelection(string Model, string Benchmark)
{
    /// <summary>What was asked for, as far as the sweep has it; else where most is found: the row with the smallest corrected p.</summary>
    public static SweepSelection? Of(SweepSnapshot snapshot, string? model, string? benchmark)
    {
        if (snapshot.Resolved is not { Models.Count: > 0, Benchmarks.Count: > 0 } resolved)
            return null;
        var first = snapshot.Summary?.Rows.Where(row => row.TestItems > 0 && (model is null || row.Model == model) && (benchmark is null || row.Benchmark == benchmark))
            .OrderBy(row => row.FamilyP ?? 1).ThenByDescending(row => row.Unit == ScoreUnit.Share ? Math.Abs(row.Effect) : 0).FirstOrDefault();
        return new SweepSelection(
            resolved.Models.Select(one => one.Name).FirstOrDefault(name => name == model) ?? first?.Model ?? resolved.Models[0].Name,
            resolved.Benchmarks.Select(one => one.Name).FirstOrDefault(name => name == benchmark) ?? first?.Benchmark ?? resolved.Benchmarks[0].Name);
    }
}
