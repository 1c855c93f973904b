using System.Globalization;
using System.Text.RegularExpressions;
using Sweep.Deployment.Tests.Rules;
using Sweep.Deployment.Tests.Settings;
using Sweep.Grains.Workers;

namespace Sweep.Deployment.Tests.Compose;

/// <summary>What must hold in compose.yaml and no schema says.</summary>
internal static partial class ComposeRules
{
    public static IEnumerable<string> Problems(ComposeFile file) =>
        file.Services.SelectMany(service => OfService(file, service.Key, service.Value).Select(problem => $"{service.Key}: {problem}"))
            .Concat(file.Volumes.Keys.Where(volume => file.Services.Values.All(service => service.Volumes.All(mount => mount.Split(':')[0] != volume))).Select(volume => $"volume {volume} is nobody's"))
            .Concat(OfSilo(file))
            .Concat(OfDashboard(file));

    private static IEnumerable<string> OfService(ComposeFile file, string name, ComposeService service)
    {
        if (!ImageRule.IsPinned(service.Image))
            yield return $"image {service.Image ?? "(none)"} is not pinned";
        foreach (var port in service.Ports.Where(port => !port.StartsWith("127.0.0.1:", StringComparison.Ordinal)))
            yield return $"port {port} is published beyond loopback, expected 127.0.0.1:HOST:CONTAINER";
        if (!service.ReadOnly)
            yield return "its root file system is not read-only";
        if (service.CapDrop is not ["ALL"] || !service.SecurityOpt.Contains("no-new-privileges:true"))
            yield return "keeps privileges (cap_drop, security_opt)";
        if (service.Build is null && service.User is null or "0" or "root")
            yield return "runs as root";
        if (service.Restart is null)
            yield return "is not started again when it fails (restart)";

        foreach (var problem in service.Environment.Keys.Select(SettingNames.Problem).OfType<string>())
            yield return problem;
        foreach (var (variable, value) in service.Environment.Where(pair => IsSecret().IsMatch(pair.Key) && !pair.Value.Contains("${", StringComparison.Ordinal)))
            yield return $"{variable} is '{value}', expected a variable of .env";
        foreach (var variable in service.Environment.Values.SelectMany(value => Variable().Matches(value)).Select(match => match.Groups[1].Value).Where(variable => !IsRequired(file, variable)))
            yield return $"{variable} may be empty, expected one use as ${{{variable}:?...}}";

        foreach (var (other, dependency) in service.DependsOn)
        {
            if (!file.Services.TryGetValue(other, out var found))
                yield return $"depends on {other}, which does not exist";
            else if (dependency.Condition == "service_healthy" && found.Healthcheck is null)
                yield return $"waits for {other} to be healthy, which has no health check";
            else if (dependency.Condition == "service_completed_successfully" && found.Restart is not "on-failure")
                yield return $"waits for {other} to end, which is started again for ever";
        }

        foreach (var mount in service.Volumes.Where(mount => Named().IsMatch(mount) && !file.Volumes.ContainsKey(mount.Split(':')[0])))
            yield return $"volume {mount.Split(':')[0]} is not declared";
    }

    /// <summary>A silo accepts its settings, its check asks the port that it listens on, and it has time to end.</summary>
    private static IEnumerable<string> OfSilo(ComposeFile file)
    {
        var silo = file.Services["silo"];
        foreach (var problem in SiloSettings.Problems(silo.Environment.Select(pair => new Setting(pair.Key, pair.Value))))
            yield return $"silo: {problem}";
        if (silo.Deploy?.Replicas is not >= 2)
            yield return "silo: expected 2 or more replicas";
        var port = silo.Environment.GetValueOrDefault("Sweep__Network__HttpPort");
        if (silo.Healthcheck?.Test.Any(part => part.Contains($"/dev/tcp/127.0.0.1/{port} ", StringComparison.Ordinal) && part.Contains("/health/ready", StringComparison.Ordinal)) != true)
            yield return $"silo: its health check does not ask /health/ready on port {port}";
        if (!silo.Ports.Any(published => published.EndsWith($":{port}", StringComparison.Ordinal)))
            yield return $"silo: port {port} is not published";
        var options = new WorkerOptions();
        if (!double.TryParse(silo.StopGracePeriod?.TrimEnd('s'), CultureInfo.InvariantCulture, out var seconds) || seconds <= options.DrainSeconds + options.StorePatienceSeconds)
            yield return $"silo: has {silo.StopGracePeriod ?? "10s"} to end, expected more than {options.DrainSeconds + options.StorePatienceSeconds}s";
    }

    /// <summary>A dashboard accepts its settings, is built without libtorch, and is published where it listens.</summary>
    private static IEnumerable<string> OfDashboard(ComposeFile file)
    {
        var dashboard = file.Services["dashboard"];
        foreach (var problem in DashboardSettings.Problems(dashboard.Environment.Select(pair => new Setting(pair.Key, pair.Value))))
            yield return $"dashboard: {problem}";
        if (dashboard.Build?.Target != "dashboard")
            yield return $"dashboard: is built from stage {dashboard.Build?.Target ?? "(the last)"}";
        var port = dashboard.Environment.GetValueOrDefault("Sweep__Dashboard__Port");
        if (!dashboard.Ports.Any(published => published.EndsWith($":{port}", StringComparison.Ordinal)))
            yield return $"dashboard: port {port} is not published";
        if (dashboard.Healthcheck?.Test.Any(part => part.Contains($"/dev/tcp/127.0.0.1/{port} ", StringComparison.Ordinal)) != true)
            yield return $"dashboard: its health check does not ask port {port}";
    }

    private static bool IsRequired(ComposeFile file, string variable) =>
        file.Services.Values.SelectMany(service => service.Environment.Values).Any(value => value.Contains($"${{{variable}:?", StringComparison.Ordinal));

    [GeneratedRegex("PASS|SECRET|TOKEN", RegexOptions.IgnoreCase)]
    private static partial Regex IsSecret();

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z_]+)")]
    private static partial Regex Variable();

    /// <summary>Not a path.</summary>
    [GeneratedRegex("^[a-z][a-z0-9_-]*:")]
    private static partial Regex Named();
}
