using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sweep.Hosting.Operations;

/// <summary>A probe's answer: every check with what it found.</summary>
internal static class HealthAnswer
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { ok = entry.Value.Status == HealthStatus.Healthy, found = entry.Value.Description ?? entry.Value.Exception?.Message });
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(new { ok = report.Status == HealthStatus.Healthy, checks }));
    }
}
