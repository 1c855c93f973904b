using System.Globalization;
using System.Text;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Results;

namespace Sweep.Cli.Comparing;

/// <summary>Compares two sweeps of one plan: every row, then every effect against what the rows' differences account for.</summary>
internal sealed class SweepComparer(SweepSide reference, SweepSide other)
{
    private const int JobsAtOnce = 64;

    private readonly List<(ComparedFlip Flip, JobSpec Job, byte[] Recorded, byte[] Found)> _flips = [];

    /// <summary>What an effect may owe to each item: by benchmark, reference job and item, how many of its outcomes differ, and by how many nats.</summary>
    private readonly Dictionary<(int Benchmark, JobId Job, string Item), (int Flips, double Nats, double NatsAToken)> _moved = [];

    private int _jobs, _jobsApart, _rowsApart;

    /// <summary>Flips with both responses, for whoever looks for their margins.</summary>
    public IReadOnlyList<(ComparedFlip Flip, JobSpec Job, byte[] Recorded, byte[] Found)> Flips => _flips;

    public async Task<SweepComparison> RunAsync(double mostFlips, CancellationToken cancellationToken)
    {
        if (!reference.Resolved.Benchmarks.Select(one => (one.Kind, one.DataHash, one.Items.Count)).SequenceEqual(other.Resolved.Benchmarks.Select(one => (one.Kind, one.DataHash, one.Items.Count))))
            throw new WrongInputException($"{other.Sweep.Id}: found other benchmarks or items than {reference.Sweep.Id} has, expected the same plan's results");
        var benchmarks = new List<ComparedBenchmark>();
        for (var model = 0; model < reference.Resolved.Models.Count; model++)
        {
            for (var benchmark = 0; benchmark < reference.Resolved.Benchmarks.Count; benchmark++)
                benchmarks.Add(await CompareAsync(model, benchmark, cancellationToken));
        }

        var beyond = new List<string>();
        var (effects, shares, nats) = CompareEffects(beyond);
        return new SweepComparison
        {
            Reference = reference.Facts,
            Other = other.Facts,
            Jobs = _jobs,
            JobsApart = _jobsApart,
            RowsApart = _rowsApart,
            Generations = benchmarks.Sum(one => one.Generations),
            Flips = _flips.Count,
            Benchmarks = benchmarks,
            Flipped = [.. _flips.Select(flip => flip.Flip)],
            Effects = effects,
            LargestShareDifference = shares,
            LargestNatsDifference = nats,
            EffectsBeyond = beyond,
            OtherScalars = [.. reference.Summary.Rows.Zip(other.Summary.Rows).Where(pair => pair.First.Scalar != pair.Second.Scalar)
                .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.First.Model} {pair.First.Benchmark} {pair.First.Bottleneck}: {pair.First.Scalar} and {pair.Second.Scalar}"))],
            MostFlips = mostFlips,
        };
    }

    private async Task<ComparedBenchmark> CompareAsync(int model, int benchmark, CancellationToken cancellationToken)
    {
        var result = new ComparedBenchmark { Model = reference.Resolved.Models[model].Name, Benchmark = reference.Resolved.Benchmarks[benchmark].Name };
        var cells = reference.Cells.Where(cell => cell.Model == model && cell.Benchmark == benchmark).ToArray();
        var baseline = cells.First(cell => cell.Bottleneck is null).Jobs;
        var unsteered = await reference.ReadAsync([.. baseline.Values], benchmark, cancellationToken);
        var jobs = cells.SelectMany(cell => cell.Jobs.Values.Select(job => (Cell: cell, Job: job))).DistinctBy(pair => pair.Job.Id).ToArray();
        foreach (var chunk in jobs.Chunk(JobsAtOnce))
        {
            var found = chunk.ToDictionary(pair => pair.Job.Id, pair => other.Jobs.GetValueOrDefault((SweepSide.Key(pair.Job.Identity), benchmark)));
            _jobs += found.Values.Count(job => job is not null);
            _jobsApart += found.Values.Count(job => job is null);
            var recorded = await reference.ReadAsync([.. chunk.Select(pair => pair.Job)], benchmark, cancellationToken);
            var answers = await other.ReadAsync([.. found.Values.OfType<JobSpec>()], benchmark, cancellationToken);
            foreach (var (cell, job) in chunk.Where(pair => found[pair.Job.Id] is not null))
            {
                foreach (var item in reference.Resolved.Benchmarks[benchmark].Items)
                {
                    if (!recorded.TryGetValue((job.Id, item.Id), out var one))
                        continue;
                    if (answers.TryGetValue((found[job.Id]!.Id, item.Id), out var two))
                        Compare(result, cell, job, one, two, unsteered.GetValueOrDefault((baseline[job.Identity.Measure].Id, item.Id)));
                    else
                        _rowsApart++;
                }
            }
        }

        return result;
    }

    private void Compare(ComparedBenchmark result, SweepCell cell, JobSpec job, ItemResult one, ItemResult two, ItemResult? unsteered)
    {
        var scored = !Same(one.Metrics, two.Metrics);
        var diverged = (one.Flags ^ two.Flags).HasFlag(ItemFlags.Diverged);
        var (flips, nats) = (0, Math.Max(Nats(one.LogLikelihood, two.LogLikelihood), unsteered is null ? 0 : Nats(unsteered.LogLikelihood, two.Pair?.LogLikelihood)));
        if (job.Identity.Measure == Measure.Generation)
        {
            result.Generations++;
            var (recorded, found) = (one.Response ?? [], two.Response ?? []);
            if (diverged || !recorded.AsSpan().SequenceEqual(found))
            {
                flips++;
                result.Flips++;
                result.ScoreFlips += scored ? 1 : 0;
                _flips.Add((Flip(result, cell, job, one, scored, recorded, found), job, recorded, found));
            }
        }
        else if (scored || diverged)
        {
            flips++;
            result.ChoiceFlips++;
        }

        if (two.Pair is { } pair && unsteered is not null && !Same(pair.Metrics, unsteered.Metrics))
        {
            flips++;
            result.PairFlips++;
        }

        if (one.LogLikelihood is { } expected && two.LogLikelihood is { } actual)
        {
            result.LogLikelihoods++;
            result.LargestDifference = Math.Max(result.LargestDifference, Math.Abs(actual - expected));
            result.LargestRelative = Math.Max(result.LargestRelative, Math.Abs(actual - expected) / Math.Max(1, Math.Abs(expected)));
        }

        _moved[(cell.Benchmark, job.Id, one.ItemId)] = (flips, nats, nats / Math.Max(1, one.LogLikelihoodTokens ?? 1));
    }

    private ComparedFlip Flip(ComparedBenchmark place, SweepCell cell, JobSpec job, ItemResult row, bool scored, byte[] recorded, byte[] found)
    {
        var bottleneck = cell.Bottleneck is { } index ? reference.Resolved.Bottlenecks[index] : null;
        return new ComparedFlip
        {
            Model = place.Model,
            Benchmark = place.Benchmark,
            Job = job.Id,
            Item = row.ItemId,
            Bottleneck = bottleneck?.Name,
            ControlKind = bottleneck?.Kind,
            Scalar = cell.Scalar,
            ScoreChanged = scored,
            Reference = Encoding.UTF8.GetString(recorded),
            Other = Encoding.UTF8.GetString(found),
        };
    }

    /// <summary>An effect is a difference of two means over the split's items: it may move by the items that flipped, on either side of the difference, over their number; a log-likelihood's by twice the largest move.</summary>
    private (int Effects, double Shares, double Nats) CompareEffects(List<string> beyond)
    {
        var (effects, shares, nats) = (0, 0.0, 0.0);
        var answers = other.Summary.Cells.ToLookup(Place);
        var benchmarks = reference.Resolved.Benchmarks.Index().ToDictionary(pair => pair.Item.Name, pair => (pair.Index, pair.Item));
        foreach (var cell in reference.Summary.Cells)
        {
            if (answers[Place(cell)].FirstOrDefault() is not { } answer)
            {
                beyond.Add($"{Words(cell)}: the other has none");
                continue;
            }

            var (index, benchmark) = benchmarks[cell.Benchmark];
            foreach (var (split, scores) in cell.Splits)
            {
                if (!answer.Splits.TryGetValue(split, out var found))
                    continue;
                effects++;
                var difference = Math.Abs(found.Effect - scores.Effect);
                var items = benchmark.Items.Where(item => item.Split.ToString().Equals(split, StringComparison.OrdinalIgnoreCase)).ToArray();
                var moves = cell.Jobs.Values.Concat(Baseline(cell, index)).SelectMany(job => items.Select(item => _moved.GetValueOrDefault((index, job, item.Id)))).ToArray();
                var allowed = cell.Unit == ScoreUnit.Share
                    ? moves.Sum(move => move.Flips) / (double)Math.Max(1, scores.N)
                    : 2 * moves.Select(move => cell.Unit == ScoreUnit.NatsAnItem ? move.Nats : move.NatsAToken).DefaultIfEmpty().Max();
                (shares, nats) = cell.Unit == ScoreUnit.Share ? (Math.Max(shares, difference), nats) : (shares, Math.Max(nats, difference));
                if (difference > allowed + 1e-9)
                    beyond.Add(string.Create(CultureInfo.InvariantCulture, $"{Words(cell)} on {split}: effects {scores.Effect:0.######} and {found.Effect:0.######}, at most {allowed:0.######} apart expected"));
            }
        }

        return (effects, shares, nats);

        static (string, string, string, ControlKind?, int?, double?, string) Place(SummaryCell cell) =>
            (cell.Model, cell.Benchmark, cell.Bottleneck, cell.ControlKind, cell.ControlIndex, cell.Scalar, cell.Metric);

        static string Words(SummaryCell cell) =>
            string.Create(CultureInfo.InvariantCulture, $"{cell.Model} {cell.Benchmark} {cell.Bottleneck}{(cell.ControlKind is { } kind ? $" {kind} {cell.ControlIndex}" : "")} x{cell.Scalar}");
    }

    private IEnumerable<JobId> Baseline(SummaryCell cell, int benchmark) => reference.Cells
        .First(one => one.Benchmark == benchmark && one.Bottleneck is null && reference.Resolved.Models[one.Model].Name == cell.Model).Jobs.Values.Select(job => job.Id);

    private static bool Same(IReadOnlyDictionary<string, double> one, IReadOnlyDictionary<string, double> two) =>
        one.Count == two.Count && one.All(pair => two.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private static double Nats(double? one, double? two) => one is { } expected && two is { } actual ? Math.Abs(expected - actual) : 0;
}
