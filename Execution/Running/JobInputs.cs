using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Files;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Running;

/// <summary>Finds a batch's files and makes sure that they still are what its jobs were made of.</summary>
internal sealed class JobInputs(PlanFiles files, IModelLoader loader, BenchmarkCache benchmarks)
{
    /// <param name="batch">Of one model, benchmark and precision.</param>
    /// <param name="device">What it is to run on.</param>
    public JobInput Open(JobBatch batch, string device)
    {
        var job = batch.Jobs[0];
        var identity = job.Identity;
        foreach (var other in batch.Jobs)
        {
            if (!Same(other.Identity, identity))
                throw new JobFaultedException($"batch {batch.Id} mixes models, benchmarks or precisions: jobs {job.Id} and {other.Id}");
        }

        if (identity.NumericsId != Numerics.Of(device))
            throw new JobFaultedException($"batch {batch.Id}: found numerics '{identity.NumericsId}', expected '{Numerics.Of(device)}', which is what device {device} computes");
        var folder = files.FindFolder(job.ModelPath, out var problem) ?? throw new JobFaultedException($"model: {problem}");
        var facts = Try(() => loader.Inspect(folder));
        Check(facts.WeightsHash, identity.WeightsHash, $"the weights in '{job.ModelPath}'");
        Check(facts.TokenizerHash, identity.TokenizerHash, $"the tokenizer in '{job.ModelPath}'");
        var path = files.FindFile(job.DataPath, out problem) ?? throw new JobFaultedException($"benchmark {identity.Benchmark}: {problem}");
        var (benchmark, hash) = Try(() => benchmarks.Load(identity.Benchmark, job.DataPath, path, job.Seed ?? 0));
        Check(hash, identity.DataHash, job.Seed is null ? $"the benchmark file '{job.DataPath}'" : $"the items of task '{job.DataPath}'");
        Check(benchmark.PromptVersion, identity.PromptVersion, $"the prompt version of {identity.Benchmark}");
        Check(benchmark.MetricVersion, identity.MetricVersion, $"the metric version of {identity.Benchmark}");
        return new JobInput { ModelFolder = folder, Facts = facts, Benchmark = benchmark, Precision = identity.Precision };
    }

    private static bool Same(JobIdentity one, JobIdentity other) =>
        (one.WeightsHash, one.TokenizerHash, one.Benchmark, one.DataHash, one.Precision, one.NumericsId, one.PromptVersion, one.MetricVersion)
        == (other.WeightsHash, other.TokenizerHash, other.Benchmark, other.DataHash, other.Precision, other.NumericsId, other.PromptVersion, other.MetricVersion);

    private static void Check(string found, string expected, string what)
    {
        if (found != expected)
            throw new JobFaultedException($"{what} changed since the plan was resolved: found {found}, expected {expected}");
    }

    /// <summary>A file that cannot be read now will not be readable on another attempt; one that is away for a moment is another matter.</summary>
    private static T Try<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception failure) when (failure is not (IOException or OperationCanceledException))
        {
            throw new JobFaultedException(failure.Message);
        }
    }
}

/// <summary>A batch's model folder and benchmark, checked.</summary>
internal sealed record JobInput
{
    private readonly Dictionary<(string Id, int? Limit, int? Window, int? Stride), PreparedItem> _prepared = [];

    public required string ModelFolder { get; init; }

    public required ModelFacts Facts { get; init; }

    public required IBenchmarkData Benchmark { get; init; }

    public required string Precision { get; init; }

    /// <summary>The item as tokens; made once for all micro-batches.</summary>
    public PreparedItem Prepare(string id, SteeredPass pass)
    {
        var key = (id, pass.ContextLimit, pass.Window, pass.Stride);
        if (_prepared.TryGetValue(key, out var known))
            return known;
        var item = Benchmark.Find(id) ?? throw new JobFaultedException($"item {id} is not in the benchmark file");
        var prompt = PromptBuilder.Build(item, Facts.Tokenizer, pass.ContextLimit, Benchmark.IsText ? 2 : 1, out var problem)
            ?? throw new JobFaultedException(problem);
        var prepared = new PreparedItem
        {
            Item = item,
            Prompt = prompt,
            Windows = TextWindow.Of(prompt.Tokens.Count, pass.Window, pass.Stride ?? pass.Window ?? 1),
            PromptHash = prompt.Hash,
            Golds = [.. item.Continuations.Select(gold => GoldEndings.Of(gold, Benchmark.Stops, Facts.Config.EosTokenIds, Facts.Tokenizer))],
        };
        return _prepared[key] = prepared;
    }
}
