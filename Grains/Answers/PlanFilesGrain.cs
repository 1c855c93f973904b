using System.Text.Json;
using Orleans.Concurrency;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;

namespace Sweep.Grains.Answers;

/// <summary>One a silo, one question at a time: what it does costs disk and processor that the workers need.</summary>
[StatelessWorker(1)]
internal sealed class PlanFilesGrain(IEnumerable<IPlanEstimator> estimators, IEnumerable<IItemTexts> texts) : Grain, IPlanFilesGrain
{
    public async Task<PlanEstimateAnswer> EstimateAsync(string plan)
    {
        if (estimators.LastOrDefault() is not { } estimator)
            return new PlanEstimateAnswer { Problems = ["this silo cannot estimate"] };
        try
        {
            return new PlanEstimateAnswer { Estimate = await estimator.EstimateAsync(JsonSerializer.Deserialize<SweepPlan>(plan, SweepJson.Options)!, CancellationToken.None) };
        }
        catch (InvalidPlanException refused)
        {
            return new PlanEstimateAnswer { Problems = [.. refused.Problems] };
        }
    }

    public async Task<ItemTextsFound> FindTextsAsync(string benchmark, long seed, IReadOnlyList<string> itemIds) => texts.LastOrDefault() is { } reader
        ? await reader.FindAsync(JsonSerializer.Deserialize<ResolvedBenchmark>(benchmark, SweepJson.Options)!, seed, itemIds, CancellationToken.None)
        : ItemTextsFound.None("this silo has no files of plans");
}
