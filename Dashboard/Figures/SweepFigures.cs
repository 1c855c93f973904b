using System.Collections.Concurrent;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Figures;

/// <summary>The figures of one snapshot, each drawn once for all who look at it, and only when somebody does.</summary>
internal sealed class SweepFigures(SweepSnapshot snapshot)
{
    private const int MostKept = 1000;
    private readonly ConcurrentDictionary<FigureRequest, Figure?> _drawn = new();

    /// <summary>Null: there is nothing to draw (yet).</summary>
    public Figure? Find(FigureRequest request) => _drawn.Count < MostKept ? _drawn.GetOrAdd(request, Draw) : _drawn.TryGetValue(request, out var known) ? known : Draw(request);

    private Figure? Draw(FigureRequest request) => request.Kind switch
    {
        FigureRequest.Overview when CellsOf(request) is { Count: > 0 } cells => HeatMap.ByBenchmark($"{request.Model}: every bottleneck on every benchmark", [.. BestCells(cells).Select(cell => cell with { Href = Links.Sweep(snapshot.Sweep.Id, cell.Model, cell.Benchmark) })]),
        FigureRequest.Heat when CellsOf(request) is { Count: > 0 } cells => HeatMap.ByScalar($"{request.Benchmark} of {request.Model}: bottleneck × scalar", cells),
        FigureRequest.Layers when CellsOf(request) is { Count: > 0 } cells && cells.Select(cell => cell.Layer).Distinct().Count() > 1 => HeatMap.ByLayer($"{request.Benchmark} of {request.Model}: layer × scalar", cells),
        FigureRequest.Curve => ResponseCurve.Draw([.. CellsOf(request).Where(cell => cell.Bottleneck == request.Bottleneck)], Bands(request)),
        FigureRequest.Leaderboard => ForestPlot.Draw($"{request.Benchmark} of {request.Model}: effects at the chosen scalars", Rows(request), Bands(request), Smallest(Rows(request)), Href),
        FigureRequest.Harm => HarmPlot.Draw($"{request.Model}: gain against harm to plain text", [.. Rows(request).Where(row => row.Unit == ScoreUnit.Share)], Href),
        FigureRequest.Parallel => ParallelPlot.Draw($"{request.Model}: bottlenecks across benchmarks", Rows(request)),
        FigureRequest.OfBottleneck when CellsOf(request).Where(cell => cell.Bottleneck == request.Bottleneck).ToArray() is { Length: > 0 } cells => HeatMap.ByBenchmarkAndScalar($"{request.Bottleneck} of {request.Model}: benchmark × scalar", cells),
        _ => null,
    };

    private List<EffectCell> CellsOf(FigureRequest request) => [.. snapshot.Cells
        .Where(cell => cell.Model == request.Model && (request.Benchmark is null || cell.Benchmark == request.Benchmark))
        .Select(cell => cell with { Href = Links.Cell(snapshot.Sweep.Id, cell.Model, cell.Benchmark, cell.Bottleneck, cell.Scalar) })];

    private SummaryRow[] Rows(FigureRequest request) =>
        [.. (snapshot.Summary?.Rows ?? []).Where(row => row.Model == request.Model && (request.Benchmark is null || row.Benchmark == request.Benchmark) && row.TestItems > 0)];

    private IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> Bands(FigureRequest request) =>
        snapshot.Scores.Where(score => score.Band is not null && score.Model == request.Model && score.Benchmark == request.Benchmark)
            .ToDictionary(score => (score.Bottleneck, score.Scalar), score => score.Band!);

    /// <summary>One a bottleneck and benchmark: at the chosen scalar; before there is one, the largest effect so far.</summary>
    private static IEnumerable<EffectCell> BestCells(IEnumerable<EffectCell> cells) => cells
        .GroupBy(cell => (cell.Bottleneck, cell.Benchmark))
        .Select(group => group.FirstOrDefault(cell => cell.IsChosen) ?? group.MaxBy(cell => Math.Abs(cell.Effect ?? 0))!);

    private double Smallest(SummaryRow[] rows)
    {
        var smallest = snapshot.Sweep.Plan.SmallestEffect ?? new SmallestEffectPlan();
        return rows.Length == 0 || rows[0].Unit == ScoreUnit.Share ? smallest.Points / 100 : smallest.Nats;
    }

    private string Href(SummaryRow row) => Links.Cell(snapshot.Sweep.Id, row.Model, row.Benchmark, row.Bottleneck, row.Scalar);
}
