using System.Diagnostics;
using System.Globalization;
using Sweep.Cli.Commands;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Hosting;
using Sweep.Hosting.Clustering.Local;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Messaging.Client;
using Sweep.Hosting.Messaging.Local;
using Sweep.Persistence.Audits;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;

namespace Sweep.Cli.Chaos;

/// <summary>
/// A game day on this machine: the plan in this process for reference, then by queue on silo processes with PostgreSQL and RabbitMQ of their own while silos are killed; compared and
/// audited. Everything it starts ends with it.
/// </summary>
internal sealed class GameDay(GameDaySettings settings, Action<string> say)
{
    private const int SampleRows = 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Tell = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SubmitPatience = TimeSpan.FromSeconds(60);
    private readonly Random _random = new(settings.Seed);
    private readonly KillLog _kills = new();
    private readonly string _id = SweepIds.Of(settings.Plan);

    /// <exception cref="LocalPostgresException">There is no server to be had.</exception>
    /// <exception cref="LocalRabbitMqException">There is no broker to be had.</exception>
    /// <exception cref="LocalSiloException">A silo does not start, or does not stay.</exception>
    public async Task<GameDayResult> RunAsync(CancellationToken cancellationToken)
    {
        say("starting PostgreSQL and RabbitMQ ...");
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), cancellationToken);
        await using var broker = await LocalRabbitMq.StartAsync(new LocalRabbitMqOptions(), cancellationToken);
        say("running the plan in this process, for reference ...");
        var reference = await RunEmbeddedAsync(cancellationToken);

        var connectionString = await postgres.CreateDatabaseAsync("sweep", cancellationToken);
        await PostgresSweepStore.MigrateAsync(connectionString, cancellationToken);
        var store = await PostgresSweepStore.OpenAsync(connectionString, cancellationToken);
        await using var closing = (IAsyncDisposable)store;
        using var cluster = new ChaosCluster(settings, connectionString, broker);
        say(Text($"starting {settings.Silos} silos ..."));
        await cluster.StartAsync(cancellationToken);
        await SubmitAsync(broker, cancellationToken);
        var clock = Stopwatch.StartNew();
        await KillAndWaitAsync(store, cluster, clock, cancellationToken);
        clock.Stop();
        return await JudgeAsync(store, reference, cluster, clock.Elapsed.TotalSeconds, cancellationToken);
    }

    private async Task<byte[]> RunEmbeddedAsync(CancellationToken cancellationToken)
    {
        var options = new EmbeddedOptions { StorePath = Path.Combine(settings.Folder, "embedded.db"), Roots = settings.Roots };
        await using var embedded = await EmbeddedSweep.StartAsync(options, cancellationToken);
        await embedded.SubmitAsync(settings.Plan, settings.PlanText, cancellationToken);
        for (var told = Stopwatch.GetTimestamp(); ; await Task.Delay(Look, cancellationToken))
        {
            var status = await embedded.GetStatusAsync(_id);
            if (status.State == nameof(SweepState.Completed))
                return await ExportAsync(embedded.Store, "embedded.json", cancellationToken);
            if (SweepStates.IsFinal(status.State))
                throw new WrongInputException($"{settings.Plan.Name}: the run for reference ended {status.State}: {status.Reason}");
            TellNowAndThen(ref told, Text($"  {status.RowsDone:N0} of {status.RowsTotal:N0} rows"));
        }
    }

    private async Task SubmitAsync(LocalRabbitMq broker, CancellationToken cancellationToken)
    {
        await using var queue = await SweepQueueClient.StartAsync(new MessagingOptions { Transport = "rabbitmq", Host = "127.0.0.1", Port = broker.Port }, listens: false, cancellationToken);
        if (!await queue.SendAsync(new SubmitSweep { PlanText = settings.PlanText }, Guid.CreateVersion7().ToString(), SubmitPatience, cancellationToken))
            throw new LocalRabbitMqException($"RabbitMQ confirmed nothing within {SubmitPatience.TotalSeconds} s");
        say($"{_id} submitted by queue");
    }

    private async Task KillAndWaitAsync(ISweepStore store, ChaosCluster cluster, Stopwatch clock, CancellationToken cancellationToken)
    {
        var next = settings.Every;
        var told = Stopwatch.GetTimestamp();
        for (; clock.Elapsed < settings.Patience; await Task.Delay(Look, cancellationToken))
        {
            var sweep = await store.FindSweepAsync(_id, cancellationToken);
            var leases = await LeasesAsync(store, cancellationToken);
            _kills.Look(leases, clock.Elapsed.TotalSeconds);
            if (sweep is { State: var state } && state.IsFinal())
                return;
            TellNowAndThen(ref told, Text($"  {sweep?.State.ToString() ?? "waiting"}: {leases.Done} batches done of {leases.Total} cut so far, {_kills.Counted} kills"));
            cluster.ReplaceEnded();
            if (_kills.Counted == settings.Kills || clock.Elapsed < next || ChooseVictim(cluster, leases) is not { } victim)
                continue;
            await KillAsync(store, cluster, victim, leases, clock, cancellationToken);
            next = clock.Elapsed + settings.Every;
        }

        throw new LocalSiloException(Text($"{_id} was not at its end after {settings.Patience.TotalSeconds:0} s (--timeout)"));
    }

    private async Task KillAsync(ISweepStore store, ChaosCluster cluster, LocalSilo victim, LeaseView leases, Stopwatch clock, CancellationToken cancellationToken)
    {
        var at = clock.Elapsed.TotalSeconds;
        await cluster.KillAsync(victim, cancellationToken);
        var kill = _kills.Add(victim, leases, await LeasesAsync(store, cancellationToken), at);
        say(Text($"  {at:0.0} s: kill -9 {kill.Victim}, which held {(kill.Counts ? string.Join(", ", kill.Batches) : "nothing any more: does not count")}"));
    }

    /// <summary>One that holds a lease: killing an idle silo proves nothing.</summary>
    private LocalSilo? ChooseVictim(ChaosCluster cluster, LeaseView leases)
    {
        var holders = cluster.Silos.Where(silo => leases.HeldBy(silo.Owns).Count > 0).ToArray();
        return holders.Length == 0 ? null : holders[_random.Next(holders.Length)];
    }

    private async Task<GameDayResult> JudgeAsync(ISweepStore store, byte[] reference, ChaosCluster cluster, double seconds, CancellationToken cancellationToken)
    {
        say("comparing and auditing ...");
        var export = await ExportAsync(store, "cluster.json", cancellationToken);
        var (audit, drawn) = await SweepAuditor.AuditAsync(store, _id, SampleRows, settings.Seed, cancellationToken);
        return new GameDayResult
        {
            State = audit.State,
            Kills = _kills.Records,
            EndedByThemselves = cluster.EndedByThemselves,
            ExportEqual = export.AsSpan().SequenceEqual(reference),
            ExportBytes = export.Length,
            Audit = audit,
            Sample = await AuditCommand.ReplayAsync(store, [.. settings.Roots], settings.Seed, drawn, cancellationToken),
            Seconds = seconds,
        };
    }

    private async Task<LeaseView> LeasesAsync(ISweepStore store, CancellationToken cancellationToken) => new(await store.ListBatchesAsync(_id, cancellationToken));

    private async Task<byte[]> ExportAsync(ISweepStore store, string name, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await SweepExporter.ExportAsync(store, _id, ExportFormat.Json, withRun: false, bytes, cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(settings.Folder, name), bytes.ToArray(), cancellationToken);
        return bytes.ToArray();
    }

    private void TellNowAndThen(ref long told, string line)
    {
        if (Stopwatch.GetElapsedTime(told) < Tell)
            return;
        told = Stopwatch.GetTimestamp();
        say(line);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
