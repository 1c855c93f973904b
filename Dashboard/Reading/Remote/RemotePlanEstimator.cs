using System.Text.Json;
using Sweep.Contracts.Execution;
using Sweep.Contracts.Grains;
using Sweep.Contracts.Json;
using Sweep.Contracts.Plans;

namespace Sweep.Dashboard.Reading.Remote;

/// <summary>Estimates on a silo that has the plan's files.</summary>
internal sealed class RemotePlanEstimator(IGrainFactory grains) : IPlanEstimator
{
    public async Task<PlanEstimate> EstimateAsync(SweepPlan plan, CancellationToken cancellationToken)
    {
        var answer = await grains.GetGrain<IPlanFilesGrain>(0).EstimateAsync(JsonSerializer.Serialize(plan, SweepJson.Options)).WaitAsync(cancellationToken);
        return answer.Estimate ?? throw new InvalidPlanException([.. answer.Problems]);
    }
}
