using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Sweep.Evaluation.Benchmarks;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Prefix;

namespace Sweep.Execution.Running;

/// <summary>
/// Turns what the model answered into a ledger row of one job. A row says diverged only where its own measure did: what else ran in the same pass
/// is no part of a job's result.
/// </summary>
internal static class ItemScorer
{
    public static ItemResult Score(JobSpec job, PreparedItem prepared, RowResult answer, IBenchmarkData benchmark, StopRule stop)
    {
        var flags = prepared.Prompt.Truncated ? ItemFlags.ContextTruncated : ItemFlags.None;
        var row = new ItemResult
        {
            JobId = job.Id,
            ItemId = prepared.Item.Id,
            PromptHash = prepared.PromptHash,
            Flags = flags,
            Receipt = Receipt(answer.Receipt, job.Identity.Measure),
        };
        return job.Identity.Measure switch
        {
            Measure.LogLikelihood => LogLikelihood(row, prepared, answer, benchmark),
            Measure.Perplexity => Perplexity(row, prepared, answer),
            Measure.Generation => Generation(row, prepared, answer, benchmark, stop),
            var other => throw new ArgumentOutOfRangeException(nameof(job), other, "unknown measure"),
        };
    }

    /// <summary>Tokens whose activations were asked for.</summary>
    public static long Tokens(PreparedItem prepared, RowResult answer, bool continuations) =>
        prepared.Prompt.Tokens.Count
        + (continuations ? prepared.Golds.Sum(gold => (long)gold.Tokens) : 0)
        + (answer.GeneratedTokens?.Count ?? 0);

    /// <summary>One a gold; null where one of its endings is not finite.</summary>
    public static double?[] GoldLogLikelihoods(PreparedItem prepared, RowResult answer)
    {
        if (answer.LogLikelihoods.Count != prepared.Continuations.Count)
            throw new InvalidOperationException($"{answer.LogLikelihoods.Count} log-likelihoods for {prepared.Continuations.Count} continuations of item {prepared.Item.Id}");
        var golds = new double?[prepared.Golds.Count];
        var first = 0;
        for (var gold = 0; gold < golds.Length; gold++)
        {
            var ends = prepared.Golds[gold].Continuations.Count;
            golds[gold] = GoldEndings.LogLikelihood(answer.LogLikelihoods.Skip(first).Take(ends));
            first += ends;
        }

        return golds;
    }

    private static ItemResult LogLikelihood(ItemResult row, PreparedItem prepared, RowResult answer, IBenchmarkData benchmark)
    {
        var golds = GoldLogLikelihoods(prepared, answer);
        if (golds.Any(gold => gold is null))
        {
            return Diverged(row, answer.Diverged ?? answer.ContinuationDiverged) with
            {
                GoldLogLikelihoods = golds.Length > 1 ? golds : null,
                Metrics = benchmark.ScoresLikelihoods ? Zeros(benchmark) : row.Metrics,
            };
        }

        var best = prepared.Item.Gold ?? Array.IndexOf(golds, golds.Max());
        if (benchmark.ScoresLikelihoods)
            row = row with { Metrics = Sorted(benchmark.Score(prepared.Item, [.. golds.Select((gold, index) => new ContinuationScore(gold!.Value, answer.AreGreedy[index]))])) };

        return row with
        {
            LogLikelihood = golds[best],
            LogLikelihoodTokens = prepared.Golds[best].Tokens,
            GoldLogLikelihoods = golds.Length > 1 ? golds : null,
        };
    }

    private static ItemResult Perplexity(ItemResult row, PreparedItem prepared, RowResult answer) =>
        answer.PromptLogLikelihood is { } value && double.IsFinite(value)
            ? row with { LogLikelihood = value, LogLikelihoodTokens = prepared.Prompt.Tokens.Count - 1 }
            : Diverged(row, answer.Diverged);

    private static ItemResult Generation(ItemResult row, PreparedItem prepared, RowResult answer, IBenchmarkData benchmark, StopRule stop)
    {
        if (answer.GeneratedTokens is not { } tokens)
            return Diverged(row, answer.Diverged ?? answer.GenerationDiverged) with { Metrics = Zeros(benchmark) };

        var (response, stopped) = stop.Cut(tokens);
        var score = benchmark.Score(prepared.Item, response);
        return row with
        {
            Response = response,
            Metrics = Sorted(score),
            Flags = row.Flags
                | (answer.GenerationTruncated && !stopped ? ItemFlags.GenerationTruncated : ItemFlags.None)
                | (score.EmptyNormalized ? ItemFlags.EmptyNormalized : ItemFlags.None),
        };
    }

    private static SortedDictionary<string, double> Sorted(ResponseScore score) => new(score.Metrics.ToDictionary(), StringComparer.Ordinal);

    private static SortedDictionary<string, double> Zeros(IBenchmarkData benchmark) => new(benchmark.MetricNames.ToDictionary(name => name, _ => 0.0), StringComparer.Ordinal);

    private static ItemResult Diverged(ItemResult row, Divergence? where) => row with
    {
        Flags = row.Flags | ItemFlags.Diverged,
        DivergedLayer = where?.Layer,
        DivergedStep = where?.Step,
    };

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? value : null;

    private static ReceiptRow Receipt(InterventionReceipt receipt, Measure measure) => new()
    {
        PositionsTouched = receipt.PositionsTouched + measure switch
        {
            Measure.LogLikelihood => receipt.ContinuationPositionsTouched,
            Measure.Generation => receipt.GeneratedPositionsTouched,
            _ => 0,
        },
        OnTargetMinimum = Finite(receipt.OnTargetMinimum),
        OnTargetMaximum = Finite(receipt.OnTargetMaximum),
        OffTargetDeviation = Finite(receipt.OffTargetDeviation),
        RelativeChange = Finite(receipt.RelativeChange),
        NextTokenKl = Finite(receipt.NextTokenKl),
    };
}
