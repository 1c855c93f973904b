using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sweep.Hosting.Operations;

/// <summary>Ready: the silo is an active member of its cluster and is not about to leave it.</summary>
internal sealed class SiloHealthCheck(ISiloStatusOracle oracle, Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = oracle.CurrentStatus;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.FromResult(HealthCheckResult.Unhealthy("stopping"));
        return Task.FromResult(status == SiloStatus.Active ? HealthCheckResult.Healthy("active") : HealthCheckResult.Unhealthy($"{status.ToString().ToLowerInvariant()}, expected active"));
    }
}
