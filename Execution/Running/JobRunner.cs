using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Jobs;
using Sweep.Contracts.Results;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Running;

/// <summary>Runs batches on one device: items to prompts, jobs to rows, answers to ledger rows.</summary>
internal sealed class JobRunner(DevicePool pool, string device, JobInputs inputs) : IJobRunner
{
    private readonly DeviceWorker _worker = pool.Rent(device);
    private readonly PassRunner _passes = new(pool.Budget(device));
    private int _disposed;

    public string? ResidentModel => _worker.Models.WeightsHash;

    public async IAsyncEnumerable<MicroBatchResult> RunAsync(
        JobBatch batch, IReadOnlySet<(JobId Job, string Item)> recorded, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JobInput? input = null;
        for (var index = 0; index < batch.MicroBatches.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var passes = PassPlanner.Plan(batch, batch.MicroBatches[index], recorded);
            if (passes.Count == 0)
                continue;
            input ??= inputs.Open(batch, device);
            var opened = input;
            var micro = index;
            yield return await _worker.Thread.InvokeAsync(token => Run(opened, passes, micro, recorded, token), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            await pool.ReturnAsync(_worker);
    }

    private MicroBatchResult Run(
        JobInput input, IReadOnlyList<SteeredPass> passes, int index, IReadOnlySet<(JobId Job, string Item)> recorded, CancellationToken cancellationToken)
    {
        var model = _worker.Models.Get(input.ModelFolder, input.Facts.WeightsHash, input.Precision);
        var deviceTime = new Stopwatch();
        var rows = new List<ItemResult>();
        var tokens = 0L;
        foreach (var pass in passes)
            tokens += Run(input, model, pass, recorded, rows, deviceTime, cancellationToken);
        return new MicroBatchResult { Index = index, Rows = rows, Tokens = tokens, DeviceSeconds = deviceTime.Elapsed.TotalSeconds };
    }

    private long Run(
        JobInput input,
        IResidentModel model,
        SteeredPass pass,
        IReadOnlySet<(JobId Job, string Item)> recorded,
        List<ItemResult> results,
        Stopwatch deviceTime,
        CancellationToken cancellationToken)
    {
        var stop = new StopRule(input.Benchmark.Stops, input.Facts.Tokenizer);
        var items = pass.Items.Select(id => input.Prepare(id, pass)).ToArray();
        var requests = items.SelectMany(item => item.Windows.Select(window => Request(item, window, pass, input, stop))).ToArray();

        // The unsteered row comes with every pass.
        var steered = pass.Rows.Where(row => row.Interventions.Count > 0).ToArray();
        var answers = _passes.Run(
            model.Executor,
            input.Facts.WeightsHash,
            input.Facts.Config,
            requests,
            [.. steered.Select(row => InterventionMapping.ToModel(row.Interventions))],
            deviceTime,
            cancellationToken);
        var ofSteered = steered.Index().ToDictionary(pair => pair.Item, pair => pair.Index);

        var tokens = 0L;
        foreach (var row in pass.Rows)
        {
            var index = ofSteered.GetValueOrDefault(row, steered.Length);
            var ofRow = ByItem(items, answers.Rows[index]);
            var beside = index < steered.Length ? ByItem(items, answers.Beside[index]) : [];
            for (var item = 0; item < items.Length; item++)
            {
                tokens += ItemScorer.Tokens(items[item], ofRow[item], pass.Measures.Contains(Measure.LogLikelihood));
                foreach (var (_, job) in row.Jobs.OrderBy(pair => pair.Key))
                {
                    if (recorded.Contains((job.Id, items[item].Item.Id)))
                        continue;
                    var result = ItemScorer.Score(job, items[item], ofRow[item], input.Benchmark, stop);
                    results.Add(index < steered.Length && NumericsIds.DependOnPacking(job.Identity.NumericsId)
                        ? result with { Pair = Pair(ItemScorer.Score(job, items[item], beside[item], input.Benchmark, stop)) }
                        : result);
                }
            }
        }

        return tokens;
    }

    private static PairScore Pair(ItemResult unsteered) => new() { Metrics = unsteered.Metrics, LogLikelihood = unsteered.LogLikelihood };

    private static RowResult[] ByItem(PreparedItem[] items, RowResult[] ofWindows)
    {
        var results = new RowResult[items.Length];
        var first = 0;
        for (var item = 0; item < items.Length; item++)
        {
            results[item] = TextWindow.Join(ofWindows.AsSpan(first, items[item].Windows.Count));
            first += items[item].Windows.Count;
        }

        return results;
    }

    internal static PromptRequest Request(PreparedItem item, TextWindow window, SteeredPass pass, JobInput input, StopRule stop) => new()
    {
        PromptTokens = item.Windows.Count == 1 ? item.Prompt.Tokens : [.. item.Prompt.Tokens.Skip(window.Start).Take(window.Length)],
        FirstScored = window.FirstScored,
        Continuations = pass.Measures.Contains(Measure.LogLikelihood) ? item.Continuations : [],
        ScorePrompt = pass.Measures.Contains(Measure.Perplexity),
        Generation = pass.Measures.Contains(Measure.Generation)
            ? new GenerationRequest
            {
                MaxNewTokens = pass.MaxNewTokens ?? input.Benchmark.MaxNewTokens,
                StopTokens = input.Facts.Config.EosTokenIds.ToHashSet(),
                IsFinished = stop.IsFinished,
            }
            : null,
    };
}
