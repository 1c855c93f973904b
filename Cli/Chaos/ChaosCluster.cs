using System.Globalization;
using Sweep.Hosting.Clustering.Local;
using Sweep.Hosting.Messaging.Local;

namespace Sweep.Cli.Chaos;

/// <summary>The silos of a game day: for one that is gone another is started.</summary>
internal sealed class ChaosCluster(GameDaySettings settings, string connectionString, LocalRabbitMq broker) : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    /// <summary>More say that something is wrong with the silos rather than with this machine's patience.</summary>
    private const int MostEndedByThemselves = 10;

    private readonly Dictionary<string, string> _settings = Settings(settings, connectionString, broker);
    private readonly List<LocalSilo> _silos = [];
    private readonly List<string> _endedByThemselves = [];
    private int _started;

    public IReadOnlyList<LocalSilo> Silos => _silos;

    public IReadOnlyList<string> EndedByThemselves => _endedByThemselves;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var index = 0; index < settings.Silos; index++)
            Add();
        await Task.WhenAll(_silos.Select(silo => silo.WaitReadyAsync(StartPatience, cancellationToken)));
    }

    /// <summary>kill -9; returns when the process is gone and another one is started.</summary>
    public async Task KillAsync(LocalSilo silo, CancellationToken cancellationToken)
    {
        silo.Send(ProcessSignal.Kill);
        await silo.WaitExitAsync(EndPatience, cancellationToken);
        Replace(silo);
    }

    /// <exception cref="LocalSiloException">Silos end again and again.</exception>
    public void ReplaceEnded()
    {
        foreach (var silo in _silos.Where(silo => silo.HasExited).ToList())
        {
            _endedByThemselves.Add(silo.Name);
            if (_endedByThemselves.Count > MostEndedByThemselves)
                throw new LocalSiloException($"silos ended by themselves {_endedByThemselves.Count} times, {silo.Name} with: {silo.LogEnd()}");
            Replace(silo);
        }
    }

    public void Dispose() => _silos.ForEach(silo => silo.Dispose());

    private void Replace(LocalSilo silo)
    {
        _silos.Remove(silo);
        silo.Dispose();
        Add();
    }

    private void Add() => _silos.Add(LocalSilo.Start(new LocalSiloOptions
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"silo-{++_started}"),
        Program = settings.SiloProgram,
        Settings = _settings,
        Folder = settings.Folder,
    }));

    private static Dictionary<string, string> Settings(GameDaySettings settings, string connectionString, LocalRabbitMq broker)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Sweep:Store:Provider"] = "postgres",
            ["Sweep:Store:ConnectionString"] = connectionString,
            ["Sweep:Silo:Clustering"] = "postgres",
            ["Sweep:Silo:Membership"] = "fast",
            ["Sweep:Messaging:Transport"] = "rabbitmq",
            ["Sweep:Messaging:Host"] = "127.0.0.1",
            ["Sweep:Messaging:Port"] = Text(broker.Port),
            ["Sweep:Dispatch:LeaseSeconds"] = "5",
            ["Sweep:Dispatch:TickSeconds"] = "0.5",
            ["Sweep:Dispatch:WatchSeconds"] = "5",
            ["Sweep:Planner:TargetMicroBatchSeconds"] = "1",
            ["Sweep:Planner:TargetBatchSeconds"] = "5",
            ["Sweep:Device:IntraOpThreads"] = Text(Math.Max(1, Environment.ProcessorCount / settings.Silos)),
        };
        foreach (var (index, root) in settings.Roots.Index())
            values[$"Sweep:Files:Roots:{Text(index)}"] = root;
        return values;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
