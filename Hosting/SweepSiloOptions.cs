using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Execution.Devices;
using Sweep.Execution.Hub;
using Sweep.Grains.Dispatch;
using Sweep.Grains.Placement;
using Sweep.Grains.Workers;
using Sweep.Hosting.Clustering;
using Sweep.Hosting.Settings;

namespace Sweep.Hosting;

/// <summary>Sweep:Silo: a silo, and with it everything else that the process is told.</summary>
public sealed class SweepSiloOptions
{
    internal const string Key = "Sweep:Silo";
    internal const string Localhost = "localhost";
    internal const string Postgres = "postgres";

    /// <summary>What it hosts: coordinator (scheduler and coordinators), worker (devices). Default: both.</summary>
    public IReadOnlyList<string> Roles { get; set; } = ["coordinator", "worker"];

    /// <summary>localhost: a cluster by itself. postgres: silos find each other in the store's database. Default: localhost.</summary>
    public string Clustering { get; set; } = Localhost;

    /// <summary>standard: a killed silo is dead within 15 s, a pause of 8 s is survived. fast: dead within 2 s. Default: standard.</summary>
    public string Membership { get; set; } = "standard";

    /// <summary>Silos and clients of one cluster have the same. Default: sweep.</summary>
    public string ClusterId { get; set; } = "sweep";

    /// <summary>Names the service over several deployments. Default: sweep.</summary>
    public string ServiceId { get; set; } = "sweep";

    /// <summary>How people call this silo. Default: the machine's name and the process's number.</summary>
    public string Name { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>The port for other silos; 0: a free one. Default: 0.</summary>
    public int SiloPort { get; set; }

    /// <summary>The port for clients; 0: a free one. Default: 0.</summary>
    public int GatewayPort { get; set; }

    /// <summary>How long a call waits for its answer, which bounds what a call to a killed silo costs, seconds. Default: 5 in a cluster; 30 where the silo is alone and waits for nobody's recovery.</summary>
    public double? ResponseTimeoutSeconds { get; set; }

    /// <summary>The pods' own life is watched through Kubernetes. Default: where KUBERNETES_SERVICE_HOST and POD_NAME are set.</summary>
    public bool? Kubernetes { get; set; }

    /// <summary>Least level of Orleans' own log lines. Default: Error.</summary>
    public LogLevel OrleansLogLevel { get; set; } = LogLevel.Error;

    public NetworkOptions Network { get; } = new();

    public StoreOptions Store { get; } = new();

    public FilesOptions Files { get; } = new();

    public HubOptions Hub { get; } = new();

    public TelemetryOptions Telemetry { get; } = new();

    public OrleansDashboardOptions OrleansDashboard { get; } = new();

    public DispatchOptions Dispatch { get; } = new();

    public BatchPlannerOptions Planner { get; } = new();

    public WorkerOptions Worker { get; } = new();

    internal SiloRoles HostedRoles => Roles.Select(role => FindRole(role) ?? SiloRoles.None).Aggregate(SiloRoles.None, (all, role) => all | role);

    internal bool IsOnKubernetes => Clustering == Postgres && (Kubernetes ?? (IsSet("KUBERNETES_SERVICE_HOST") && IsSet("POD_NAME")));

    internal TimeSpan ResponseTimeout => TimeSpan.FromSeconds(ResponseTimeoutSeconds ?? (Clustering == Localhost ? 30 : 5));

    /// <summary>From the sections under Sweep.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static SweepSiloOptions Read(IConfiguration configuration, Action<SweepSiloOptions>? configure = null, IDeviceInventory? devices = null)
    {
        var options = new SweepSiloOptions();
        var problems = new List<string>(Unknown(options, configuration));
        try
        {
            Bind(options, configuration);
        }
        catch (InvalidOperationException exception)
        {
            // "Failed to convert configuration value 'x' at 'Sweep:Planner:MinimumRows' to type 'System.Int32'": the key is named, and the reason is within.
            var found = exception.Message.Split(" to type ")[0];
            throw Refusal([exception.InnerException is { } inner ? $"{found}: {inner.Message}" : found]);
        }

        configure?.Invoke(options);
        options.Worker.Devices = [.. DeviceNames.Expand([.. options.Worker.Devices], devices ?? new MachineDevices(), "Sweep:Worker:Devices", out var wrongDevices)];
        problems.AddRange(wrongDevices);
        problems.AddRange(options.Problems());
        return problems.Count == 0 ? options : throw Refusal(problems);
    }

    /// <summary>These options, once the ports they name are known to be free.</summary>
    /// <exception cref="OptionsValidationException">Names every port that another process has.</exception>
    public SweepSiloOptions WithFreePorts() => SiloPorts.Problems(this).ToList() is { Count: > 0 } taken ? throw Refusal(taken) : this;

    private static OptionsValidationException Refusal(IReadOnlyList<string> problems) => new(nameof(SweepSiloOptions), typeof(SweepSiloOptions), problems);

    private static (string Key, object Part)[] Sections(SweepSiloOptions options) =>
    [
        (Key, options),
        (NetworkOptions.Key, options.Network),
        (StoreOptions.Key, options.Store),
        (StoreOptions.Key, options.Store.Postgres),
        (FilesOptions.Key, options.Files),
        (HubOptions.Key, options.Hub),
        (TelemetryOptions.Key, options.Telemetry),
        (OrleansDashboardOptions.Key, options.OrleansDashboard),
        ("Sweep:Dispatch", options.Dispatch),
        ("Sweep:Planner", options.Planner),
        ("Sweep:Worker", options.Worker),
    ];

    /// <summary>A misspelt setting would be passed over, and its default taken.</summary>
    private static IEnumerable<string> Unknown(SweepSiloOptions options, IConfiguration configuration)
    {
        foreach (var section in Sections(options).GroupBy(section => section.Key, section => section.Part))
        {
            string[] known = [.. section.SelectMany(part => part.GetType().GetProperties()).Where(property => property.CanWrite).Select(property => property.Name)];
            foreach (var setting in configuration.GetSection(section.Key).GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
                yield return $"{Setting.Named(setting.Path)} is no setting, expected one of {string.Join(", ", known)}";
        }
    }

    private static void Bind(SweepSiloOptions options, IConfiguration configuration)
    {
        foreach (var (key, part) in Sections(options).Where(section => section.Part is not WorkerOptions))
            configuration.GetSection(key).Bind(part);

        // A configured list replaces the default one; the binder would add to it, and reads no commas.
        var devices = Setting.List(configuration, "Sweep:Worker:Devices");
        if (devices is not null)
            options.Worker.Devices = [];
        configuration.GetSection("Sweep:Worker").Bind(options.Worker);
        options.Worker.Devices = [.. devices ?? options.Worker.Devices.AsReadOnly()];
        options.Roles = Setting.List(configuration, $"{Key}:{nameof(Roles)}") ?? new SweepSiloOptions().Roles;
        options.Hub.RedirectHosts = Setting.List(configuration, $"{HubOptions.Key}:{nameof(Hub.RedirectHosts)}");
        options.Files.Roots = Setting.List(configuration, $"{FilesOptions.Key}:{nameof(Files.Roots)}") ?? [];
    }

    private IEnumerable<string> Problems()
    {
        foreach (var role in Roles.Where(role => FindRole(role) is null))
            yield return $"{Key}:{nameof(Roles)} holds '{role}', expected coordinator, worker or both";
        if (Clustering is not (Localhost or Postgres))
            yield return $"{Key}:{nameof(Clustering)} is '{Clustering}', expected {Localhost} or {Postgres}";
        if (MembershipProfile.Find(Membership) is null)
            yield return $"{Key}:{nameof(Membership)} is '{Membership}', expected standard or fast";
        if (Clustering == Localhost && HostedRoles != SiloRoles.All)
            yield return $"{Key}:{nameof(Roles)} is {string.Join(", ", Roles)} with {nameof(Clustering)} {Localhost}: a silo that is alone has both roles; expected {Postgres} for several silos";
        if (Clustering == Postgres && Store.Provider != StoreOptions.PostgresProvider)
            yield return $"{StoreOptions.Key}:{nameof(Store.Provider)} is '{Store.Provider}' with {Key}:{nameof(Clustering)} {Postgres}: expected {StoreOptions.PostgresProvider}, silos share one store";
        foreach (var (name, id) in new[] { (nameof(ClusterId), ClusterId), (nameof(ServiceId), ServiceId), (nameof(Name), Name) })
        {
            if (string.IsNullOrWhiteSpace(id))
                yield return $"{Key}:{name} is empty, expected a name";
        }

        foreach (var (name, port) in new[] { (nameof(SiloPort), SiloPort), (nameof(GatewayPort), GatewayPort) })
        {
            if (port is < 0 or > 65535)
                yield return $"{Key}:{name} is {port}, expected 0 (a free port) to 65535";
        }

        if (SiloPort != 0 && SiloPort == GatewayPort)
            yield return $"{Key}:{nameof(SiloPort)} and {nameof(GatewayPort)} are both {SiloPort}, expected different ports";
        if (ResponseTimeoutSeconds is { } seconds && !(seconds is > 0 and <= 600))
            yield return $"{Key}:{nameof(ResponseTimeoutSeconds)} is {seconds}, expected above 0, at most 600";
        IEnumerable<string>[] parts =
        [
            Network.Problems(),
            Store.Problems(),
            Telemetry.Problems(),
            OrleansDashboard.Problems(Network),
            Dispatch.Problems(),
            Planner.Problems(),
            Worker.Problems(),
            HostedRoles.HasFlag(SiloRoles.Worker) ? [.. Files.Problems(), .. Hub.Problems()] : [],
        ];
        foreach (var problem in parts.SelectMany(part => part))
            yield return problem;
    }

    private static SiloRoles? FindRole(string name) => name switch
    {
        "coordinator" => SiloRoles.Coordinator,
        "worker" => SiloRoles.Worker,
        _ => null,
    };

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
