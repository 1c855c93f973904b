using System.Collections.Concurrent;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Dashboard.Live;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Queries;
using Sweep.Persistence.Reports;

namespace Sweep.Dashboard.Figures;

/// <summary>The figures of one snapshot, each drawn once for all who look at it, and only when somebody does.</summary>
/// <param name="snapshot">What they show.</param>
/// <param name="before">Figures of an earlier snapshot: one whose cells are all the same ones is not drawn again.</param>
internal sealed class SweepFigures(SweepSnapshot snapshot, IReadOnlyDictionary<FigureRequest, DrawnFigure> before)
{
    private const int MostKept = 1000;
    private readonly ConcurrentDictionary<FigureRequest, Lazy<DrawnFigure>> _drawn = new();
    private readonly Lazy<ILookup<(string?, string?), EffectCell>> _cells = new(() => snapshot.Cells.ToLookup<EffectCell, (string?, string?)>(cell => (cell.Model, cell.Benchmark)));
    private readonly Lazy<ILookup<(string?, string?), CellScore>> _banded =
        new(() => snapshot.Scores.Where(score => score.Band is not null).ToLookup<CellScore, (string?, string?)>(score => (score.Model, score.Benchmark)));

    public static IReadOnlyDictionary<FigureRequest, DrawnFigure> None { get; } = new Dictionary<FigureRequest, DrawnFigure>();

    /// <summary>Those drawn so far: without the snapshot, so that a chain of snapshots does not keep its beginning in memory.</summary>
    public IReadOnlyDictionary<FigureRequest, DrawnFigure> Drawn => _drawn.Where(pair => pair.Value.IsValueCreated).ToDictionary(pair => pair.Key, pair => pair.Value.Value);

    /// <summary>Null: there is nothing to draw (yet).</summary>
    public Figure? Find(FigureRequest request)
    {
        if (_drawn.TryGetValue(request, out var known))
            return known.Value.Figure;
        // Lazy: all circuits ask at the same moment, and one of them draws.
        return _drawn.Count < MostKept ? _drawn.GetOrAdd(request, one => new Lazy<DrawnFigure>(() => DrawIfNew(one))).Value.Figure : Draw(request);
    }

    private DrawnFigure DrawIfNew(FigureRequest request)
    {
        var cells = CellsOf(request);
        return before.GetValueOrDefault(request) is { } known && known.Cells.Count == cells.Count && known.Cells.Zip(cells).All(pair => ReferenceEquals(pair.First, pair.Second))
            ? known
            : new DrawnFigure(Draw(request), cells);
    }

    private Figure? Draw(FigureRequest request) => request.Kind switch
    {
        FigureRequest.Overview when CellsOf(request) is { Count: > 0 } cells => Map(
            [.. BestCells(cells).Select(cell => cell with { Href = Links.Sweep(snapshot.Sweep.Id, cell.Model, cell.Benchmark) })], some => HeatMap.ByBenchmark($"{request.Model}: every bottleneck on every benchmark", some)),
        FigureRequest.Heat when CellsOf(request) is { Count: > 0 } cells => Map(cells, some => HeatMap.ByScalar($"{request.Benchmark} of {request.Model}: bottleneck × scalar", some)),
        FigureRequest.Layers when CellsOf(request) is { Count: > 0 } cells && cells.Select(cell => cell.Layer).Distinct().Count() > 1 => Map(cells, some => HeatMap.ByLayer($"{request.Benchmark} of {request.Model}: layer × scalar", some)),
        FigureRequest.Curve => ResponseCurve.Draw(CellsOf(request), Bands(request)),
        FigureRequest.Leaderboard => Plot(Rows(request), row => row.Bottleneck, Fitted.MostRows, some => ForestPlot.Draw($"{request.Benchmark} of {request.Model}: effects at the chosen scalars", some, Bands(request), Smallest(some), Href)),
        FigureRequest.Harm => Plot(
            [.. Rows(request).Where(row => row.Unit == ScoreUnit.Share)], row => $"{row.Bottleneck}\n{row.Benchmark}", Fitted.MostPoints, some => HarmPlot.Draw($"{request.Model}: gain against harm to plain text", some, Href)),
        FigureRequest.Parallel => Plot(Rows(request), row => row.Bottleneck, Fitted.MostRows, some => ParallelPlot.Draw($"{request.Model}: bottlenecks across benchmarks", some)),
        FigureRequest.OfBottleneck when CellsOf(request) is { Count: > 0 } cells => HeatMap.ByBenchmarkAndScalar($"{request.Bottleneck} of {request.Model}: benchmark × scalar", cells),
        _ => null,
    };

    /// <summary>Bottlenecks that a benchmark's map has rows of.</summary>
    public IEnumerable<string> Mapped(string model, string benchmark)
    {
        var cells = CellsOf(new FigureRequest(FigureRequest.Heat, model, benchmark));
        return cells.Select(cell => cell.Bottleneck).Distinct(StringComparer.Ordinal).Where(Names(cells).Contains);
    }

    private static Figure? Map(IReadOnlyList<EffectCell> cells, Func<IReadOnlyList<EffectCell>, Figure?> draw) => Fitted.Draw(cells, Names(cells), cell => cell.Bottleneck, draw);

    private static HashSet<string> Names(IReadOnlyCollection<EffectCell> cells) =>
        Fitted.Names(cells, cell => cell.Bottleneck, cell => cell.Of is null ? (cell.FamilyP ?? 1, cell.Effect ?? 0) : null, Fitted.MostRows);

    private static Figure? Plot(SummaryRow[] rows, Func<SummaryRow, string> nameOf, int most, Func<IReadOnlyList<SummaryRow>, Figure?> draw) =>
        Fitted.Draw(rows, Fitted.Names(rows, nameOf, row => (row.FamilyP ?? 1, row.Effect), most), nameOf, draw);

    private List<EffectCell> CellsOf(FigureRequest request)
    {
        var cells = request.Benchmark is null ? snapshot.Cells.Where(cell => cell.Model == request.Model) : _cells.Value[(request.Model, request.Benchmark)];
        return [.. cells.Where(cell => request.Bottleneck is null || cell.Bottleneck == request.Bottleneck)];
    }

    private SummaryRow[] Rows(FigureRequest request) =>
        [.. (snapshot.Summary?.Rows ?? []).Where(row => row.Model == request.Model && (request.Benchmark is null || row.Benchmark == request.Benchmark) && row.TestItems > 0)];

    private IReadOnlyDictionary<(string Bottleneck, double? Scalar), ControlBand> Bands(FigureRequest request) =>
        _banded.Value[(request.Model, request.Benchmark)].Where(score => request.Bottleneck is null || score.Bottleneck == request.Bottleneck)
            .ToDictionary(score => (score.Bottleneck, score.Scalar), score => score.Band!);

    /// <summary>One a bottleneck and benchmark: at the chosen scalar; before there is one, the largest effect so far.</summary>
    private static IEnumerable<EffectCell> BestCells(IEnumerable<EffectCell> cells) => cells
        .GroupBy(cell => (cell.Bottleneck, cell.Benchmark))
        .Select(group => group.FirstOrDefault(cell => cell.IsChosen) ?? group.MaxBy(cell => Math.Abs(cell.Effect ?? 0))!);

    private double Smallest(IReadOnlyList<SummaryRow> rows)
    {
        var smallest = snapshot.Sweep.Plan.SmallestEffect ?? new SmallestEffectPlan();
        return rows.Count == 0 || rows[0].Unit == ScoreUnit.Share ? smallest.Points / 100 : smallest.Nats;
    }

    private string Href(SummaryRow row) => Links.Cell(snapshot.Sweep.Id, row.Model, row.Benchmark, row.Bottleneck, row.Scalar);
}

/// <summary>A figure and the cells that it was drawn of.</summary>
/// <param name="Figure">Null: there was nothing to draw.</param>
internal sealed record DrawnFigure(Figure? Figure, IReadOnlyList<EffectCell> Cells);
