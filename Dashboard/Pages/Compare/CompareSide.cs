using System.Globalization;
using Sweep.Contracts.Plans;
using Sweep.Dashboard.Live;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Pages.Compare;

/// <summary>One of the two that are compared.</summary>
/// <param name="Sweep">Its sweep.</param>
/// <param name="Model">A model of it.</param>
/// <param name="Set">Empty: unsteered; "NAME": a bottleneck at the scalar that was chosen on each benchmark; "NAME@SCALAR": at that one.</param>
internal sealed record CompareSide(SweepSnapshot Sweep, ResolvedModel Model, string Set)
{
    public static CompareSide? Of(SweepSnapshot? sweep, string? model, string? set) => sweep?.Resolved is { Models.Count: > 0 } resolved
        ? new CompareSide(sweep, resolved.Models.FirstOrDefault(one => one.Name == model) ?? resolved.Models[0], set ?? "")
        : null;

    public IReadOnlyList<(string Word, string Text)> Sets
    {
        get
        {
            var index = Sweep.Resolved!.Models.ToList().IndexOf(Model);
            var sets = new List<(string, string)> { ("", "unsteered") };
            foreach (var one in Sweep.Resolved.Bottlenecks.Where(one => one.Model == index && one.Role == BottleneckRole.Bottleneck))
            {
                if (Sweep.Summary is not null || one.Scalars.Count == 0)
                    sets.Add((one.Name, one.Scalars.Count == 0 ? one.Name : $"{one.Name}, chosen scalars"));
                sets.AddRange(one.Scalars.Select(scalar => ($"{one.Name}@{scalar.ToString("R", CultureInfo.InvariantCulture)}", $"{one.Name} ×{ReportFigures.Scalar(scalar)}")));
            }

            return sets;
        }
    }

    /// <summary>The cell on a benchmark; null: it has none.</summary>
    public SweepCell? Cell(int benchmark)
    {
        var resolved = Sweep.Resolved!;
        var model = resolved.Models.ToList().IndexOf(Model);
        if (Set.Length == 0)
            return PlanExpander.Cell(Sweep.Sweep.Plan, resolved, model, benchmark, null, null);
        for (var index = 0; index < resolved.Bottlenecks.Count; index++)
        {
            var one = resolved.Bottlenecks[index];
            if (one.Model != model || one.Role != BottleneckRole.Bottleneck || (one.Name != Set && !Set.StartsWith(one.Name + "@", StringComparison.Ordinal)))
                continue;
            if (one.Name != Set)
                return double.TryParse(Set[(one.Name.Length + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var scalar) && one.Scalars.Contains(scalar) ? At(index, scalar) : null;
            if (one.Scalars.Count == 0)
                return At(index, null);
            return Sweep.Summary?.Rows.FirstOrDefault(row => row.Model == Model.Name && row.Benchmark == resolved.Benchmarks[benchmark].Name && row.Bottleneck == one.Name) is { Scalar: { } chosen } ? At(index, chosen) : null;
        }

        return null;

        SweepCell At(int bottleneck, double? scalar) => PlanExpander.Cell(Sweep.Sweep.Plan, resolved, model, benchmark, bottleneck, scalar);
    }
}
