using Sweep.Contracts.Jobs;
using Sweep.Contracts.Plans;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Files;
using Sweep.Execution.Running;

namespace Sweep.Execution.Planning;

/// <summary>A benchmark of the plan with the items it takes.</summary>
internal sealed record OpenBenchmark(ResolvedBenchmark Resolved, IReadOnlyList<BenchmarkItem> Items);

/// <summary>Reads the plan's benchmark files and measures their prompts with every model's tokenizer.</summary>
internal sealed class BenchmarkResolver(PlanFiles files, BenchmarkCache benchmarks)
{
    /// <summary>Items of one benchmark whose problems are told; the rest would say the same.</summary>
    private const int ProblemsShown = 3;

    public OpenBenchmark? Resolve(SweepPlan plan, int index, IReadOnlyList<OpenModel> models, List<string> problems, CancellationToken cancellationToken)
    {
        var benchmark = plan.Benchmarks[index];
        var name = benchmark.Label ?? benchmark.Name;
        var place = $"benchmarks[{index}] ({name})";
        if (files.FindFile(benchmark.Data, out var problem) is not { } path)
        {
            problems.Add($"{place}.data: {problem}");
            return null;
        }

        IBenchmarkData data;
        string hash;
        try
        {
            (data, hash) = benchmarks.Load(benchmark.Name, benchmark.Data, path, plan.Seed);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            problems.Add($"{place}.data: {failure.Message}");
            return null;
        }

        if (benchmark.Window is not null && !data.IsText)
        {
            problems.Add($"{place}.window: found {benchmark.Window}, expected none: it scores no plain text");
            return null;
        }

        var measures = Measures(plan.Decoding, data);
        if (measures.Count == 0)
            problems.Add($"{place}: nothing is measured; {(data.HasGolds ? "decoding turns log-likelihood and generation off" : "it is scored by generation only, which decoding turns off")}");
        var split = benchmark.Split ?? plan.Split;
        var items = data.Choose(benchmark.Items, split, plan.Seed);
        if (items.Count == 0)
            problems.Add($"{place}: no item is chosen from '{benchmark.Data}'");
        var folds = split.Folds is { } count && !data.IsText ? FoldDealing.Deal(items.Select(item => item.Group), count, plan.Seed) : null;
        if (folds?.Count == 1)
            problems.Add($"{place}.split.folds: found all items in one group, expected at least two: groups are never torn apart");
        var resolved = new List<ResolvedItem>(items.Count);
        var before = problems.Count;
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Item(plan, benchmark, split, item, data, models, place, problems) is { } one)
                resolved.Add(folds is null ? one : one with { Fold = folds[item.Group] });
            if (problems.Count - before >= ProblemsShown)
                break;
        }

        if (problems.Count > before || measures.Count == 0)
            return null;
        return new OpenBenchmark(
            new ResolvedBenchmark
            {
                Name = name,
                Kind = benchmark.Name,
                Path = benchmark.Data,
                DataHash = hash,
                PromptVersion = data.PromptVersion,
                MetricVersion = data.MetricVersion,
                PrimaryMetric = data.PrimaryMetric,
                ScoredBy = data.ScoresLikelihoods ? Measure.LogLikelihood : null,
                GoldPerplexity = data.HasGoldPerplexity ? true : null,
                Window = benchmark.Window,
                Stride = benchmark.Window is null ? null : benchmark.Stride ?? benchmark.Window,
                PooledMetrics = data.PooledMetrics.Count > 0 ? data.PooledMetrics : null,
                Measures = measures,
                MaxNewTokens = measures.Contains(Measure.Generation) ? plan.Decoding.MaxNewTokens ?? data.MaxNewTokens : null,
                Items = resolved,
            },
            items);
    }

    private static List<Measure> Measures(DecodingPlan decoding, IBenchmarkData data)
    {
        if (data.IsText)
            return [Measure.Perplexity];
        if (data.ScoresLikelihoods)
            return [Measure.LogLikelihood];
        var measures = new List<Measure>();
        if (decoding.LogLikelihood && data.HasGolds)
            measures.Add(Measure.LogLikelihood);
        if (decoding.Generate)
            measures.Add(Measure.Generation);
        return measures;
    }

    private static ResolvedItem? Item(
        SweepPlan plan, BenchmarkPlan benchmark, SplitPlan split, BenchmarkItem item, IBenchmarkData data, IReadOnlyList<OpenModel> models, string place, List<string> problems)
    {
        var prompts = new List<int>();
        var golds = new List<int>();
        foreach (var model in models)
        {
            var prompt = PromptBuilder.Build(item, model.Facts.Tokenizer, benchmark.Window is null ? plan.ContextLimit : null, data.IsText ? 2 : 1, out var problem);
            if (prompt is null)
            {
                problems.Add($"{place}: {problem} (model '{model.Resolved.Name}')");
                return null;
            }

            prompts.Add(prompt.Tokens.Count);
            var lengths = item.Continuations.Select(gold => model.Facts.Tokenizer.EncodeContinuation(gold).Count).DefaultIfEmpty(0).ToArray();
            golds.Add(item.Gold is null ? lengths.Max() : lengths.Sum());
        }

        return new ResolvedItem
        {
            Id = item.Id,
            Group = item.Group,
            Split = data.SplitOf(item, split, plan.Seed),
            Verdicts = item.Verdicts > 1 ? item.Verdicts : null,
            PromptTokens = prompts,
            GoldTokens = golds,
        };
    }
}
