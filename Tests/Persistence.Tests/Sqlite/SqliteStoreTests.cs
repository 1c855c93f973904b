using System.Text;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Sweep.Contracts.Store;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Sqlite;
using Sweep.Persistence.Tests.Stores;
using Sweep.Tests;
using Xunit;

namespace Sweep.Persistence.Tests.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public void Model_Migrations_LeaveNothingPending()
    {
        using var context = SqliteSweepDbContext.On(":memory:");
        Assert.False(Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.HasPendingModelChanges(context.Database));
    }

    [Theory]
    [InlineData(ExportFormat.Json)]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Parquet)]
    public async Task Export_SameRowsInAnotherOrder_IsTheSameBytes(ExportFormat format)
    {
        var one = await FilledAsync("one.db", [0, 1, 2]);
        var two = await FilledAsync("two.db", [2, 0, 1]);
        var bytes = await ExportAsync(one, format);
        Assert.NotEmpty(bytes);
        Assert.Equal(bytes, await ExportAsync(two, format));
        if (format != ExportFormat.Parquet)
            Assert.DoesNotContain("submitted_at", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_Csv_QuotesWhatNeedsIt()
    {
        var store = await OpenAsync("q.db");
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, "w", 30, Token))!;
        await store.RecordAsync(lease, Rows.Micro(Rows.Result(0, 0) with { Response = Encoding.UTF8.GetBytes("a,\"b\"\nc") }), Token);
        var lines = Encoding.UTF8.GetString(await ExportAsync(store, ExportFormat.Csv));
        Assert.Contains(",\"a,\"\"b\"\"\nc\",", lines, StringComparison.Ordinal);
        Assert.StartsWith("job,item,prompt_hash,response,", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_LaterSchemaThatIsCompatible_Works()
    {
        await FilledAsync("new.db", [0]);
        await ExecuteAsync("new.db", """
            INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Later', '99');
            ALTER TABLE item_results ADD COLUMN added_later TEXT;
            UPDATE schema_info SET version = 9, oldest_compatible = 2
            """);
        await FilledAsync("new.db", [1, 2]);
        Assert.Equal(6, (await (await OpenAsync("new.db")).ListRecordedAsync(Rows.Batch, Token)).Count);
    }

    [Fact]
    public async Task Open_LaterSchemaThatIsNotCompatible_IsRefused()
    {
        var path = Path.Combine(_folder.Path, "new.db");
        await SqliteSweepStore.OpenAsync(path, Token);
        await ExecuteAsync("new.db", "INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Later', '99'); UPDATE schema_info SET version = 9, oldest_compatible = 9");
        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(path, Token));
        Assert.Contains("schema 9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_CopyMadeByVacuumInto_Works()
    {
        await FilledAsync("one.db", [0, 1, 2]);
        await ExecuteAsync("one.db", $"VACUUM INTO '{Path.Combine(_folder.Path, "copy.db")}'");
        Assert.Equal(6, (await (await OpenAsync("copy.db")).ListRecordedAsync(Rows.Batch, Token)).Count);
    }

    [Fact]
    public async Task Open_StoreOfTheFirstSchema_IsBroughtUpToDateWithItsOpenBatches()
    {
        await using (var context = SqliteSweepDbContext.On(Path.Combine(_folder.Path, "first.db")))
            await context.GetService<IMigrator>().MigrateAsync("Initial", Token);
        await ExecuteAsync("first.db", """
            INSERT INTO sweeps (id, name, owner, plan, plan_text, state, submitted_at, late_writes) VALUES ('s', 's', 'o', '{}', '', 'Running', 0, 0);
            INSERT INTO jobs (key, job_id, spec) VALUES (1, 'a', '{}'), (2, 'b', '{}');
            INSERT INTO sweep_jobs (sweep_id, ordinal, job_key, benchmark) VALUES ('s', 0, 1, 0), ('s', 1, 2, 0);
            INSERT INTO items (key, item_id) VALUES (1, 'i');
            INSERT INTO item_results (job_key, item_key, prompt_hash, metrics, flags, positions_touched) VALUES (1, 1, 'p', '{}', 0, 0);
            INSERT INTO batches (id, sweep_id, number, payload, weights_hash, rows, status, token, attempts, failed_attempts) VALUES
                ('s/0', 's', 0, '{"jobs":["a"],"items":[],"micro_batches":[]}', 'w', 1, 'Completed', 1, 1, 0),
                ('s/1', 's', 1, '{"jobs":["a","b"],"items":[],"micro_batches":[]}', 'w', 1, 'Pending', 0, 0, 0),
                ('s/2', 's', 2, '{"jobs":["b"],"items":[],"micro_batches":[]}', 'w', 1, 'Leased', 1, 1, 0)
            """);
        var store = await OpenAsync("first.db");
        Assert.Equal([(BatchStatus.Completed, 1L), (BatchStatus.Pending, 0L), (BatchStatus.Leased, 1L)], (await store.ListBatchesAsync("s", Token)).Select(batch => (batch.Status, batch.Token)));
        Assert.Equal("1,2", await ExecuteAsync("first.db", "SELECT group_concat(open_batches) FROM (SELECT open_batches FROM sweep_jobs ORDER BY ordinal)"));
    }

    [Fact]
    public async Task Open_NotADatabase_IsRefused()
    {
        var path = _folder.Write("text.db", new string('x', 5000));
        Assert.Contains(path, (await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(path, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_DatabaseOfSomethingElse_IsRefusedAndLeftAsItIs()
    {
        var path = Path.Combine(_folder.Path, "other.db");
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE invoices (id INTEGER)";
            await command.ExecuteNonQueryAsync(Token);
        }

        var before = await File.ReadAllBytesAsync(path, Token);

        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(path, Token));

        Assert.Contains("of something else (table 'invoices')", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Token));
    }

    [Fact]
    public async Task Open_EmptyFile_BecomesAStore() =>
        Assert.Empty(await (await SqliteSweepStore.OpenAsync(_folder.Write("empty.db", ""), Token)).ListSweepsAsync(Token));

    [Fact]
    public async Task Open_Folder_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(_folder.Path, Token));

        Assert.Contains($"{_folder.Path}: found a folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_FolderBelowAFile_IsRefused()
    {
        var file = _folder.Write("file", "x");

        var refused = Assert.Throws<IncompatibleStoreException>(() => StoreFile.Prepare(Path.Combine(file, "sweep.db")));

        Assert.Contains($"found no folder '{file}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_HeldOnce_RefusesTheSecondNamingTheHolder()
    {
        var path = Path.Combine(_folder.Path, "a.db");
        using (StoreLock.Take(path))
        {
            var refused = Assert.Throws<StoreInUseException>(() => StoreLock.Take(path));
            Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        StoreLock.Take(path).Dispose();
    }

    private async Task<ISweepStore> FilledAsync(string name, int[] order)
    {
        var store = await OpenAsync(name);
        await Rows.PrepareAsync(store, Token);
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, (await store.ListBatchesAsync(Rows.SweepId, Token))[0].Token, name, 30, Token))!;
        foreach (var item in order)
            await store.RecordAsync(lease, Rows.Micro(Rows.Result(1 - (item % 2), item), Rows.Result(item % 2, item)), Token);
        return store;
    }

    private static Task<byte[]> ExportAsync(ISweepStore store, ExportFormat format) => ExportBytes.OfAsync(store, format, withRun: false, Token);

    private async Task<object?> ExecuteAsync(string name, string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.Path, name)}");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Token);
    }

    private Task<ISweepStore> OpenAsync(string name) => SqliteSweepStore.OpenAsync(Path.Combine(_folder.Path, name), Token);
}
