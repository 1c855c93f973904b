using System.Text;
using Sweep.Contracts.Store;
using Sweep.Persistence.Exports;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Xunit;

namespace Sweep.Persistence.Tests;

public sealed class StoreTests : IDisposable
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

    [Fact]
    public async Task Submit_Twice_IsOneSweep()
    {
        var store = await OpenAsync("a.db");
        var first = await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        var second = await store.SubmitAsync(Rows.SweepId, Rows.Plan, "text", Token);
        Assert.Equal(first.SubmittedAt, second.SubmittedAt);
        Assert.Single(await store.ListSweepsAsync(Token));
        Assert.True(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Resolving, null, Token));
        Assert.False(await store.TrySetStateAsync(Rows.SweepId, [SweepState.Submitted], SweepState.Resolving, null, Token));
        Assert.Equal(SweepState.Resolving, (await store.FindSweepAsync(Rows.SweepId, Token))!.State);
        Assert.Equal(Rows.Plan.Bottlenecks[0].Channels.Explicit, second.Plan.Bottlenecks[0].Channels.Explicit);
    }

    [Fact]
    public async Task Batches_Loaded_AreWhatWasAdded()
    {
        var store = await OpenAsync("a.db");
        await Rows.PrepareAsync(store, Token);
        await Rows.PrepareAsync(store, Token);
        var batch = await store.LoadBatchAsync(Rows.Batch.Id, Token);
        Assert.Equal(Rows.Batch.Jobs.Select(job => job.Id), batch.Jobs.Select(job => job.Id));
        Assert.Equal(Rows.Batch.ItemIds, batch.ItemIds);
        Assert.Equal(Rows.Batch.MicroBatches, batch.MicroBatches);
        Assert.Equal([0, 1], (await store.ListJobsAsync(Rows.SweepId, Token)).Select(job => job.Ordinal));
        Assert.Equal(Rows.Jobs[1].Id, (await store.FindJobAsync(Rows.Jobs[1].Id, Token))!.Id);
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
    public async Task Open_NewerSchema_IsRefused()
    {
        var path = Path.Combine(_folder.Path, "new.db");
        await SqliteSweepStore.OpenAsync(path, Token);
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path}"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Later', '99')";
            await command.ExecuteNonQueryAsync(Token);
        }

        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(path, Token));
        Assert.Contains("99990101000000_Later", refused.Message, StringComparison.Ordinal);
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
        var lease = (await store.TryGrantAsync(Rows.Batch.Id, 0, name, 30, Token))!;
        foreach (var item in order)
            await store.RecordAsync(lease, Rows.Micro(Rows.Result(1 - (item % 2), item), Rows.Result(item % 2, item)), Token);
        return store;
    }

    private static async Task<byte[]> ExportAsync(ISweepStore store, ExportFormat format)
    {
        using var target = new MemoryStream();
        await SweepExporter.ExportAsync(store, Rows.SweepId, format, withRun: false, target, Token);
        return target.ToArray();
    }

    private Task<ISweepStore> OpenAsync(string name) => SqliteSweepStore.OpenAsync(Path.Combine(_folder.Path, name), Token);
}
