using System.Diagnostics;
using System.Text;
using Sweep.Evaluation;
using Sweep.Execution.Devices;
using Sweep.Execution.Prefix;
using Sweep.Execution.Residency;
using Sweep.Models.Steering;

namespace Sweep.Execution.Running;

/// <summary>
/// A model under one list of interventions as Evaluation sees it. Calls wait for the device's own thread, so they must not come from it.
/// Requests of one prompt share its prefill.
/// </summary>
/// <param name="interventions">Empty: the model as it is.</param>
internal sealed class LanguageModelAdapter(
    DeviceWorker worker, string folder, ModelFacts facts, string precision, long memoryBudgetBytes, IReadOnlyList<Intervention> interventions) : ILanguageModel
{
    private readonly PassRunner _passes = new(new MemoryBudget(memoryBudgetBytes));

    public IReadOnlyList<double?> LogLikelihood(IReadOnlyList<LogLikelihoodRequest> requests, CancellationToken cancellationToken)
    {
        var prompts = requests.Index().GroupBy(pair => pair.Item.Prompt, StringComparer.Ordinal).Select(group => group.ToArray()).ToArray();
        var answers = Run(
            [.. prompts.Select(group => new PromptRequest
            {
                PromptTokens = facts.Tokenizer.Encode(group[0].Item.Prompt),
                Continuations = [.. group.Select(pair => facts.Tokenizer.EncodeContinuation(pair.Item.Continuation))],
            })],
            cancellationToken);
        var results = new double?[requests.Count];
        foreach (var (group, answer) in prompts.Zip(answers))
        {
            foreach (var (position, (index, _)) in group.Index())
                results[index] = answer.LogLikelihoods[position];
        }

        return results;
    }

    public IReadOnlyList<string?> GenerateUntil(IReadOnlyList<GenerateRequest> requests, CancellationToken cancellationToken)
    {
        var stops = requests.Select(request => new StopRule(request.Stops, facts.Tokenizer)).ToArray();
        var answers = Run(
            [.. requests.Zip(stops, (request, stop) => new PromptRequest
            {
                PromptTokens = facts.Tokenizer.Encode(request.Prompt),
                Generation = new GenerationRequest
                {
                    MaxNewTokens = request.MaxNewTokens,
                    StopTokens = facts.Config.EosTokenIds.ToHashSet(),
                    IsFinished = stop.IsFinished,
                },
            })],
            cancellationToken);
        return [.. answers.Zip(stops, (answer, stop) => answer.GeneratedTokens is { } tokens ? Encoding.UTF8.GetString(stop.Cut(tokens).Response) : null)];
    }

    private RowResult[] Run(IReadOnlyList<PromptRequest> prompts, CancellationToken cancellationToken) =>
        prompts.Count == 0
            ? []
            : worker.Thread.InvokeAsync(
                token => _passes.Run(
                    worker.Models.Get(folder, facts.WeightsHash, precision).Executor,
                    facts.WeightsHash,
                    facts.Config,
                    prompts,
                    interventions.Count == 0 ? [] : [interventions],
                    new Stopwatch(),
                    token).Rows[0],
                cancellationToken).GetAwaiter().GetResult();
}
