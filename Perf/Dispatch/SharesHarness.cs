using System.Globalization;
using System.Text.Json;
using Sweep.Contracts.Json;

namespace Sweep.Perf.Dispatch;

/// <summary>Two owners weighted 1 : 3 with 40 and 10 sweeps of random sizes: the device-seconds of each while both have work that waits.</summary>
internal static class SharesHarness
{
    private const int Workers = 200;
    private const int Silos = 4;
    private const double Weight = 3;
    private const double Tolerance = 0.1;
    private static readonly (string Name, int Sweeps)[] Owners = [("ann", 40), ("bob", 10)];
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string> { ["Sweep__Dispatch__OwnerWeights__bob"] = Weight.ToString(CultureInfo.InvariantCulture) };
        await using var cluster = await StubCluster.StartAsync(Silos, Workers, settings, cancellationToken);
        var random = new Random(0);
        var sweeps = new List<(string Owner, string Id)>();
        foreach (var (owner, count) in Owners)
        {
            for (var index = 0; index < count; index++)
            {
                // More than both owners can use up in the window, in jobs of 0.2 to 2 s.
                var work = TimeSpan.FromMilliseconds(random.Next(200, 2000));
                var jobs = (int)(random.Next(40_000, 80_000) / (double)count / work.TotalSeconds / StubPlan.Benchmarks) * StubPlan.Benchmarks;
                var label = string.Create(CultureInfo.InvariantCulture, $"{owner}-{index}");
                sweeps.Add((owner, await cluster.SubmitAsync(new StubSweep(label, jobs, 10, work), owner, cancellationToken)));
            }
        }

        foreach (var (_, id) in sweeps)
        {
            while ((await cluster.GetStatusAsync(id, cancellationToken)).State != "Running")
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        var before = await WorkAsync(cluster, sweeps, cancellationToken);
        var from = DateTimeOffset.UtcNow;
        await Task.Delay(Window, cancellationToken);
        var held = await cluster.HeldAsync(from, from + Window, cancellationToken);
        var after = await WorkAsync(cluster, sweeps, cancellationToken);
        foreach (var (owner, _) in Owners)
        {
            var waiting = 0;
            foreach (var (_, id) in sweeps.Where(sweep => sweep.Owner == owner))
                waiting += (await cluster.GetStatusAsync(id, cancellationToken)).State == "Running" ? 1 : 0;
            if (waiting == 0)
                throw new HarnessException($"{owner} had nothing left to do before the end of the window");
        }

        var used = Owners.ToDictionary(owner => owner.Name, owner => sweeps.Where(sweep => sweep.Owner == owner.Name).Sum(sweep => held.GetValueOrDefault(sweep.Id)));
        var result = new SharesResult
        {
            Machine = StubCluster.Machine,
            Store = cluster.StoreDescription,
            Workers = Workers,
            WindowSeconds = Window.TotalSeconds,
            DeviceSeconds = used,
            WorkSeconds = Owners.ToDictionary(owner => owner.Name, owner => after[owner.Name] - before[owner.Name]),
            Wanted = Weight,
            Ratio = Math.Round(used["bob"] / used["ann"], 3),
        };
        Console.WriteLine(json ? JsonSerializer.Serialize(result, SweepJson.Options) : result.ToTable());
        return Math.Abs(result.Ratio / Weight - 1) <= Tolerance ? 0 : 1;
    }

    private static async Task<Dictionary<string, double>> WorkAsync(StubCluster cluster, IEnumerable<(string Owner, string Id)> sweeps, CancellationToken cancellationToken)
    {
        var used = Owners.ToDictionary(owner => owner.Name, _ => 0.0);
        foreach (var (owner, id) in sweeps)
            used[owner] += (await cluster.Store.ReadCostAsync(id, cancellationToken)).DeviceSeconds;
        return used;
    }
}

/// <summary>What two owners got.</summary>
internal sealed record SharesResult
{
    public required string Machine { get; init; }

    public required string Store { get; init; }

    public required int Workers { get; init; }

    public required double WindowSeconds { get; init; }

    /// <summary>Held by the leases of each owner's sweeps: what is shared out.</summary>
    public required IReadOnlyDictionary<string, double> DeviceSeconds { get; init; }

    /// <summary>Of these, in work that is recorded: less of them where sweeps are small, for a lease costs the same.</summary>
    public required IReadOnlyDictionary<string, double> WorkSeconds { get; init; }

    /// <summary>The owners' weights.</summary>
    public required double Wanted { get; init; }

    /// <summary>Their device-seconds.</summary>
    public required double Ratio { get; init; }

    public string ToTable() => string.Join(Environment.NewLine, [
        $"machine    {Machine}",
        $"store      {Store}",
        $"seconds    {string.Join(", ", DeviceSeconds.Select(owner => $"{owner.Key} {owner.Value:N0}"))} device-seconds in {WindowSeconds} s on {Workers} workers",
        $"of these   {string.Join(", ", WorkSeconds.Select(owner => $"{owner.Key} {owner.Value:N0}"))} of recorded work",
        $"ratio      {Ratio} (wanted {Wanted})",
    ]);
}
