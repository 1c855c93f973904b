using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sweep.Hosting.Store;

namespace Sweep.Hosting.Operations;

/// <summary>Ready: the store answers, and with a schema that this version knows.</summary>
internal sealed class StoreHealthCheck(IStoreProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await probe.FindProblemAsync(cancellationToken) is { } problem ? HealthCheckResult.Unhealthy(problem) : HealthCheckResult.Healthy("answers");
}
