using System.Text;
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
    public async Task Open_NewerSchema_IsRefused()
    {
        var path = Path.Combine(_folder.Path, "new.db");
        await SqliteSweepStore.OpenAsync(path, Token);
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path}"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Later', '99'); UPDATE schema_info SET version = 9, oldest_compatible = 9";
            await command.ExecuteNonQueryAsync(Token);
        }

        var refused = await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(path, Token));
        Assert.Contains("schema 9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NotADatabase_IsRefused()
    {
        var path = _folder.Write("text.db", new string('x', 5000));
        Assert.Contains(path, (await Assert.ThrowsAsync<IncompatibleStoreException>(() => SqliteSweepStore.OpenAsync(path, Token))).Message, StringComparison.Ordinal);
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

    private static Task<byte[]> ExportAsync(ISweepStore store, ExportFormat format) => ExportBytes.OfAsync(store, format, withRun: false, Token);

    private Task<ISweepStore> OpenAsync(string name) => SqliteSweepStore.OpenAsync(Path.Combine(_folder.Path, name), Token);
}
