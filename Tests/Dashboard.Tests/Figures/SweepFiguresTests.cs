using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Figures;
using Sweep.Dashboard.Live;
using Xunit;

namespace Sweep.Dashboard.Tests.Figures;

public sealed class SweepFiguresTests
{
    private static readonly FigureRequest Heat = new(FigureRequest.Heat, "mini", "squad");

    [Fact]
    public async Task Find_ManyViewersAtOnce_IsOneDrawing()
    {
        var snapshot = Snapshot([Cells.Cell("a", 1, 0.1)]);

        var found = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => snapshot.Figures.Find(Heat), TestContext.Current.CancellationToken)));

        Assert.NotNull(Assert.Single(found.ToHashSet<object?>(ReferenceEqualityComparer.Instance)));
    }

    [Fact]
    public void Find_CellsAreThoseOfBefore_IsTheDrawingOfBefore()
    {
        EffectCell[] cells = [Cells.Cell("a", 1, 0.1, of: 30), Cells.Cell("b", 1, 0.2, of: 30)];
        var before = Snapshot(cells);
        var drawn = before.Figures.Find(Heat);

        var same = Snapshot([.. cells], before);
        Assert.Same(drawn, same.Figures.Find(Heat));
        Assert.Same(drawn, Snapshot([.. cells], same).Figures.Find(Heat));
        var other = Snapshot([cells[0], cells[1] with { Effect = 0.3 }], same).Figures.Find(Heat);
        Assert.NotSame(drawn, other);
        // Of the other cell nothing is sent again.
        Assert.Equal((drawn!.Parts.Count, 1), (other!.Parts.Count, drawn.Parts.Zip(other.Parts).Count(pair => pair.First != pair.Second)));
    }

    [Fact]
    public void Find_MoreBottlenecksThanAnybodyReads_AreThoseThatDifferMostWithATableOfAll()
    {
        var cells = Enumerable.Range(0, Fitted.MostRows + 20).Select(index => Cells.Cell($"b{index:00}", 1, index == 7 ? -0.9 : 0.001 * index, p: index == 3 ? 0.01 : 0.5)).ToArray();
        var snapshot = Snapshot(cells);

        var figure = snapshot.Figures.Find(Heat)!;

        Assert.Equal(cells.Length, figure.Table.Rows.Count);
        Assert.Contains($"{Fitted.MostRows} of {cells.Length} are drawn", figure.Caption, StringComparison.Ordinal);
        string[] mapped = [.. snapshot.Figures.Mapped("mini", "squad")];
        Assert.Equal(["b03", "b07", .. cells.TakeLast(Fitted.MostRows - 2).Select(cell => cell.Bottleneck)], mapped);
        Assert.All(mapped, name => Assert.Contains(figure.Parts, part => part.Text.Contains(name, StringComparison.Ordinal)));
        Assert.DoesNotContain(figure.Parts, part => part.Text.Contains("b04", StringComparison.Ordinal));
    }

    [Fact]
    public void Find_RunningSweepOfManyBottlenecks_ShowsTheFirstOnesWhateverTheirEffects()
    {
        var cells = Enumerable.Range(0, Fitted.MostRows + 20).Select(index => Cells.Cell($"b{index:00}", 1, 0.001 * index, of: 30)).ToArray();

        Assert.Equal(cells.Take(Fitted.MostRows).Select(cell => cell.Bottleneck), Snapshot(cells).Figures.Mapped("mini", "squad"));
    }

    private static SweepSnapshot Snapshot(IReadOnlyList<EffectCell> cells, SweepSnapshot? before = null) => new()
    {
        Sweep = new SweepRecord
        {
            Id = "s",
            Plan = new SweepPlan { Name = "s", Models = ["mini"], Benchmarks = [], Bottlenecks = [] },
            PlanText = "",
            State = SweepState.Running,
            SubmittedAt = DateTimeOffset.UnixEpoch,
        },
        Cost = new SweepCost { DeviceSeconds = 0, Rows = 0, Tokens = 0, Attempts = 0, LateWrites = 0 },
        Cells = cells,
        DrawnBefore = before?.Figures.Drawn ?? SweepFigures.None,
    };
}
