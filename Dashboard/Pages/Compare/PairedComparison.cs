using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Reading;
using Sweep.Persistence.Queries;

namespace Sweep.Dashboard.Pages.Compare;

/// <summary>Right against left on one benchmark, item by item.</summary>
internal sealed record ComparedBenchmark
{
    public required string Name { get; init; }

    public required ScoreUnit Unit { get; init; }

    public required double? LeftScalar { get; init; }

    public required double? RightScalar { get; init; }

    public required double LeftMean { get; init; }

    public required double RightMean { get; init; }

    /// <summary>Right less left.</summary>
    public required PairedEffect Effect { get; init; }

    public required int Better { get; init; }

    public required int Worse { get; init; }
}

/// <summary>Pairs what two sides scored on the same test items.</summary>
internal static class PairedComparison
{
    public static async Task<IReadOnlyList<ComparedBenchmark>> OfAsync(ISweepStore store, CompareSide left, CompareSide right, CancellationToken cancellationToken)
    {
        var compared = new List<ComparedBenchmark>();
        var (lefts, rights) = (left.Sweep.Resolved!.Benchmarks, right.Sweep.Resolved!.Benchmarks);
        for (var index = 0; index < lefts.Count; index++)
        {
            var one = lefts[index];
            var other = rights.Index().FirstOrDefault(pair => IsSame(pair.Item, one));
            if (other.Item is not null && left.Cell(index) is { } leftCell && right.Cell(other.Index) is { } rightCell && await OfAsync(store, one, leftCell, rightCell, cancellationToken) is { } row)
                compared.Add(row);
        }

        return compared;
    }

    private static async Task<ComparedBenchmark?> OfAsync(ISweepStore store, ResolvedBenchmark benchmark, SweepCell left, SweepCell right, CancellationToken cancellationToken)
    {
        var measure = benchmark.MetricMeasure ?? benchmark.Measures.Order().First();
        if (!left.Jobs.TryGetValue(measure, out var leftJob) || !right.Jobs.TryGetValue(measure, out var rightJob))
            return null;
        var rows = await store.Queries().ListScoresAsync(
            new RowScoreQuery
            {
                Jobs = [leftJob.Id, rightJob.Id],
                Metric = benchmark.MetricMeasure is null ? null : benchmark.PrimaryMetric,
                PerToken = benchmark.Measures.Contains(Measure.Perplexity),
            },
            cancellationToken);
        var (before, after) = (ScoresOf(leftJob.Id), ScoresOf(rightJob.Id));
        var pairs = benchmark.Items.Where(item => item.Split == ItemSplit.Test && before.ContainsKey(item.Id) && after.ContainsKey(item.Id))
            .Select(item => (Left: before[item.Id], Right: after[item.Id])).ToArray();
        if (PairedEffect.Of(pairs.Select(pair => pair.Right - pair.Left)) is not { } effect)
            return null;
        return new ComparedBenchmark
        {
            Name = benchmark.Name,
            Unit = benchmark.MetricMeasure is not null ? ScoreUnit.Share : measure == Measure.Perplexity ? ScoreUnit.NatsAToken : ScoreUnit.NatsAnItem,
            LeftScalar = left.Scalar,
            RightScalar = right.Scalar,
            LeftMean = pairs.Average(pair => pair.Left),
            RightMean = pairs.Average(pair => pair.Right),
            Effect = effect,
            Better = pairs.Count(pair => pair.Right > pair.Left),
            Worse = pairs.Count(pair => pair.Right < pair.Left),
        };

        Dictionary<string, double> ScoresOf(JobId job) =>
            rows.Where(row => row.Job == job && row.Score is not null).ToDictionary(row => row.ItemId, row => row.Score!.Value, StringComparer.Ordinal);
    }

    /// <summary>Asked alike and scored alike: then items of one id are the same item.</summary>
    private static bool IsSame(ResolvedBenchmark one, ResolvedBenchmark other) =>
        one.Kind == other.Kind && one.DataHash == other.DataHash && one.PromptVersion == other.PromptVersion && one.MetricVersion == other.MetricVersion && one.PrimaryMetric == other.PrimaryMetric && one.Name == other.Name;
}
