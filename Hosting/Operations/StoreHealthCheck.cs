using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Operations;

/// <summary>Ready: the store answers, and with a schema that this version works on.</summary>
internal sealed class StoreHealthCheck(ISweepStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        store is IStoreReadiness readiness && await readiness.FindProblemAsync(cancellationToken) is { } problem
            ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Healthy("answers");
}
