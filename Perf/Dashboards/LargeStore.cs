using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Npgsql;
using NpgsqlTypes;
using Sweep.Contracts.Dispatch;
using Sweep.Contracts.Plans;
using Sweep.Contracts.Store;
using Sweep.Perf.Dispatch;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Postgres.Local;

namespace Sweep.Perf.Dashboards;

/// <summary>A PostgreSQL of its own with a large sweep and many small ones. What the store's calls would take hours for (rows, ends of batches) is copied into its tables.</summary>
internal sealed partial class LargeStore : IAsyncDisposable
{
    private const string Database = "dashboard";
    private const int JobsAtOnce = 5_000;
    private const int DoNotNeed = 4;
    private const int JobsOfBatch = 10;
    private readonly LocalPostgres _server;

    private LargeStore(LocalPostgres server, string connectionString, ISweepStore store, LargeSweep sweep) =>
        (_server, ConnectionString, Store, Sweep) = (server, connectionString, store, sweep);

    public string ConnectionString { get; }

    public ISweepStore Store { get; }

    public LargeSweep Sweep { get; }

    public string Description => _server.Description;

    /// <summary>Seconds to save the large sweep's summary.</summary>
    public double SummarySeconds { get; private set; }

    public static async Task<LargeStore> FillAsync(DashboardSettings settings, CancellationToken cancellationToken)
    {
        // What is measured reads; nothing is gained by filling it durably.
        var server = await LocalPostgres.StartAsync(new LocalPostgresOptions { Folder = settings.Folder, Settings = ["max_wal_size=8GB", "shared_buffers=512MB"] }, cancellationToken);
        try
        {
            var connectionString = server.ConnectionString(Database);
            var isNew = settings.Folder is null || !await IsFilledAsync(server, cancellationToken);
            if (isNew)
            {
                await server.CreateDatabaseAsync(Database, cancellationToken);
                await PostgresSweepStore.MigrateAsync(connectionString, cancellationToken);
            }

            var filled = new LargeStore(server, connectionString, await PostgresSweepStore.OpenAsync(connectionString, cancellationToken), new LargeSweep(settings));
            if (isNew)
                await filled.FillAsync(settings.Sweeps, cancellationToken);
            else if (await filled.Store.FindSweepAsync(filled.Sweep.Id, cancellationToken) is not { State: SweepState.Completed })
                throw new HarnessException($"{settings.Folder}: found a store without a finished sweep {filled.Sweep.Id}, expected one that this harness has filled with as many jobs and items");
            return filled;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server anew, with none of its files in the system's page cache.</summary>
    public async Task GoColdAsync(CancellationToken cancellationToken)
    {
        await _server.StopAsync();
        foreach (var path in Directory.EnumerateFiles(_server.Folder, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path);
            if (Advise(file, 0, 0, DoNotNeed) is not 0 and var error)
                throw new HarnessException($"{path}: posix_fadvise gave {error}, expected that the file leaves the cache");
        }

        await _server.StartAgainAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)Store).DisposeAsync();
        await _server.DisposeAsync();
    }

    private static async Task<bool> IsFilledAsync(LocalPostgres server, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand($"SELECT count(*) FROM pg_database WHERE datname = '{Database}'");
        return await command.ExecuteScalarAsync(cancellationToken) is > 0L;
    }

    private async Task FillAsync(int sweeps, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await Store.SubmitAsync(Sweep.Id, Sweep.Plan, "name: dashboard", cancellationToken);
        await Store.SaveResolutionAsync(Sweep.Id, Sweep.Resolved, cancellationToken);
        foreach (var chunk in Sweep.Jobs.Chunk(JobsAtOnce))
            await Store.AddJobsAsync(Sweep.Id, chunk, cancellationToken);
        await AddBatchesAsync(cancellationToken);
        await NoteAsync("jobs and batches", clock);
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await CopyRowsAsync(source, clock, cancellationToken);
        await EndAsync(source, cancellationToken);
        for (var number = 0; number < sweeps; number++)
        {
            var plan = new SweepPlan { Name = Text($"small-{number}"), Models = ["stub"], Benchmarks = [], Bottlenecks = [], Owner = Text($"owner-{number % 20}"), Scalars = [0.5, 1, 2] };
            await Store.SubmitAsync(SweepIds.Of(plan), plan, "name: small", cancellationToken);
        }

        var summary = Sweep.Summarize();
        var began = clock.Elapsed;
        await Store.SaveSummaryAsync(Sweep.Id, summary, cancellationToken);
        SummarySeconds = (clock.Elapsed - began).TotalSeconds;
        await ExecuteAsync(source, "UPDATE sweeps SET state = 'Completed', finished_at = submitted_at + 1000000", cancellationToken);
        await NoteAsync("sweeps and summary", clock);
        await ExecuteAsync(source, "VACUUM ANALYZE", cancellationToken);
        await NoteAsync("vacuum", clock);
    }

    private async Task AddBatchesAsync(CancellationToken cancellationToken)
    {
        var number = 0;
        foreach (var benchmark in Sweep.Jobs.GroupBy(job => job.Benchmark))
        {
            string[] items = [.. Sweep.Resolved.Benchmarks[benchmark.Key].Items.Select(item => item.Id)];
            var batches = benchmark.Chunk(JobsOfBatch).Select(chunk => new JobBatch
            {
                Id = Text($"{Sweep.Id}/{number++:000000}"),
                SweepId = Sweep.Id,
                Jobs = [.. chunk.Select(job => job.Job)],
                ItemIds = items,
                MicroBatches = [new MicroBatch { FirstItem = 0, ItemCount = items.Length, FirstJob = 0, JobCount = chunk.Length }],
            });
            await Store.AddBatchesAsync([.. batches], cancellationToken);
        }
    }

    private async Task CopyRowsAsync(NpgsqlDataSource source, Stopwatch clock, CancellationToken cancellationToken)
    {
        string[] ids = [.. Sweep.Resolved.Benchmarks.SelectMany(benchmark => benchmark.Items).Select(item => item.Id)];
        await using (var insert = source.CreateCommand("INSERT INTO items (item_id) SELECT unnest($1)"))
        {
            insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        var (items, jobs) = (await KeysAsync(source, "SELECT item_id, key FROM items", cancellationToken), await KeysAsync(source, "SELECT job_id, key FROM jobs", cancellationToken));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync(
            "COPY item_results (job_key, item_key, attempt, prompt_hash, response, metrics, log_likelihood, log_likelihood_tokens, flags, positions_touched, relative_change, next_token_kl) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var job in Sweep.Jobs.OrderBy(job => jobs[job.Job.Id.Value]))
        {
            var key = jobs[job.Job.Id.Value];
            foreach (var (item, index) in Sweep.Resolved.Benchmarks[job.Benchmark].Items.Select((item, index) => (Key: items[item.Id], index)).OrderBy(pair => pair.Key))
                await WriteAsync(writer, key, item, LargeSweep.IsRight(job.Ordinal, index, job.Job.Identity.Interventions.Count == 0), index, cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
        await NoteAsync("rows", clock);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter writer, long job, long item, bool isRight, int index, CancellationToken cancellationToken)
    {
        await writer.StartRowAsync(cancellationToken);
        await writer.WriteAsync(job, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync(item, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync(job, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync("0123456789abcdef", NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync(isRight ? Right : Wrong, NpgsqlDbType.Bytea, cancellationToken);
        await writer.WriteAsync(isRight ? """{"contains":1,"em":1,"f1":1}""" : """{"contains":0,"em":0,"f1":0.25}""", NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync(-3.25 - index, NpgsqlDbType.Double, cancellationToken);
        await writer.WriteAsync(7, NpgsqlDbType.Integer, cancellationToken);
        await writer.WriteAsync(0, NpgsqlDbType.Integer, cancellationToken);
        await writer.WriteAsync(321, NpgsqlDbType.Integer, cancellationToken);
        await writer.WriteAsync(0.0625, NpgsqlDbType.Double, cancellationToken);
        await writer.WriteAsync(0.001, NpgsqlDbType.Double, cancellationToken);
    }

    private static readonly byte[] Right = Encoding.UTF8.GetBytes("the answer that a small model gives to this question");

    private static readonly byte[] Wrong = Encoding.UTF8.GetBytes("another answer that a small model gives to this question");

    /// <summary>Every batch was run once and completed.</summary>
    private static async Task EndAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await ExecuteAsync(source, "UPDATE batches SET status = 'Completed', token = 1, attempts = 1", cancellationToken);
        await ExecuteAsync(source, "UPDATE sweep_jobs SET open_batches = 0, outcome = 'Completed'", cancellationToken);
        await ExecuteAsync(source, """
            INSERT INTO attempts (batch_id, token, sweep_id, worker_id, started_at, ended_at, outcome, rows_accepted, rows_shared, rows_rejected, tokens, device_seconds)
            SELECT id, 1, sweep_id, 'worker', 1000000, 11000000, 'Completed', rows, 0, 0, 16 * rows, 10 FROM batches
            """, cancellationToken);
    }

    private static async Task<Dictionary<string, long>> KeysAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(reader.GetString(0), reader.GetInt64(1));
        return keys;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    private static Task NoteAsync(string what, Stopwatch clock) => Console.Error.WriteLineAsync(Text($"filled: {what}, {clock.Elapsed.TotalSeconds:0.0} s"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
