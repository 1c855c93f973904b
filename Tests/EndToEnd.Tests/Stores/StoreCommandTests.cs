using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sweep.EndToEnd.Tests.Processes;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Sqlite;
using Sweep.Tests;
using Sweep.Tests.Servers;
using Xunit;

namespace Sweep.EndToEnd.Tests.Stores;

/// <summary>Commands on stores: what they print and how they end, on a file and on PostgreSQL.</summary>
public sealed class StoreCommandTests(TinyRun run, PostgresServer server)
{
    private const string Secret = "s3cret-word";
    private string _connection = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Audit_OfARun_IsCleanAndItsSampleComesOutTheSame()
    {
        await run.ReadyAsync();
        var audit = Json((await CliProcess.RunAsync(run.Folder, "audit", "--latest", "--sample", "25", "--seed", "3", "--json")).Expect(0));
        Assert.True(audit.GetProperty("clean").GetBoolean());
        Assert.Equal((TinyRun.Rows, TinyRun.Rows), (audit.GetProperty("rows_expected").GetInt32(), audit.GetProperty("rows_recorded").GetInt32()));
        Assert.Equal((25, 25), (audit.GetProperty("sample").GetProperty("rows").GetInt32(), audit.GetProperty("sample").GetProperty("equal").GetInt32()));
        Assert.Equal(0, audit.GetProperty("orphans").GetProperty("total").GetInt32());
        Assert.Equal(TinyRun.Rows, audit.GetProperty("attempts").EnumerateArray().Sum(attempt => attempt.GetProperty("rows_accepted").GetInt32()));
    }

    [Fact]
    public async Task Audit_OfARowThatWasChanged_NamesItAndEndsWithOne()
    {
        await run.ReadyAsync();
        using var folder = new TemporaryFolder();
        var store = Path.Combine(folder.Path, "spoiled.db");
        await ExecuteAsync(run.Store, $"VACUUM INTO '{store}'");
        await ExecuteAsync(store, "UPDATE item_results SET log_likelihood = log_likelihood + 1e-12 WHERE rowid = (SELECT min(rowid) FROM item_results WHERE log_likelihood IS NOT NULL)");
        await ExecuteAsync(store, "DELETE FROM item_results WHERE rowid = (SELECT max(rowid) FROM item_results)");
        var outcome = (await CliProcess.RunAsync(run.Folder, "audit", "--latest", "--store", store, "--sample", "1000")).Expect(1);
        Assert.Contains($"{TinyRun.Rows - 2} of {TinyRun.Rows - 1} rows came out the same", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(": log_likelihood", outcome.Output, StringComparison.Ordinal);
        Assert.Matches("1 of (6|12) items; nothing says why", outcome.Output);
        Assert.EndsWith("NOT clean\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postgres_EveryCommandThatReadsResults_SaysWhatItSaysOfTheFile()
    {
        await run.ReadyAsync();
        await FillAsync();
        foreach (string[] command in new string[][] { ["export", "--latest"], ["export", "--latest", "--format", "csv"], ["show", "--latest", "--json"] })
            Assert.Equal((await CliProcess.RunAsync(run.Folder, command)).Expect(0).Output, (await PostgresAsync(0, command)).Output);
        var sweep = Assert.Single(Json(await PostgresAsync(0, "list", "--json")).EnumerateArray()).GetProperty("id").GetString()!;
        Assert.StartsWith("tiny-", sweep, StringComparison.Ordinal);
        var audit = Json(await PostgresAsync(0, "audit", sweep, "--sample", "5", "--json"));
        Assert.Equal((true, 5), (audit.GetProperty("clean").GetBoolean(), audit.GetProperty("sample").GetProperty("equal").GetInt32()));
        var job = Json(await PostgresAsync(0, "export", sweep)).GetProperty("jobs")[0].GetProperty("id").GetString()!;
        Assert.Equal(0, Json(await PostgresAsync(0, "replay", job, "--json")).GetProperty("different").GetArrayLength());
        Assert.Contains("jobs", (await PostgresAsync(0, "plan", "plan.yaml", "--no-calibrate")).Output, StringComparison.Ordinal);

        Assert.Contains("found it completed, expected a sweep that is not finished", (await PostgresAsync(2, "cancel", sweep)).Error, StringComparison.Ordinal);
        Assert.Equal(0, Json(await PostgresAsync(0, "gc", "--older-than", "1h", "--json")).GetProperty("sweeps").GetArrayLength());
        Assert.Equal(TinyRun.Rows, Json(await PostgresAsync(0, "rm", sweep, "--json")).GetProperty("rows").GetInt32());
        Assert.Equal(18, Json(await PostgresAsync(0, "gc", "--older-than", "0m", "--json")).GetProperty("items").GetInt32());
        Assert.Contains("--latest: found no sweep in the store", (await PostgresAsync(2, "show", "--latest")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_EmptyDatabase_IsDoneOnceAndIsAskedForBefore()
    {
        _connection = await server.CreateDatabaseAsync();
        var refused = await PostgresAsync(2, "list");
        Assert.Contains("found no schema of Sweep, expected schema 4. Run 'sweep migrate --store postgres'.", refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd('\n').Split('\n'));
        Assert.EndsWith(": 4 migrations applied\n", (await PostgresAsync(0, "migrate")).Output, StringComparison.Ordinal);
        Assert.EndsWith(": up to date\n", (await PostgresAsync(0, "migrate")).Output, StringComparison.Ordinal);
        await PostgresAsync(0, "list");
    }

    [Theory]
    [InlineData("", "found nothing, expected 'Host=")]
    [InlineData($"postgres://u:{Secret}@db/x", "found a URI")]
    [InlineData($"Host=127.0.0.1;Port=1;Database=x;Username=u;Password={Secret}", "127.0.0.1:1/x did not answer")]
    public async Task Postgres_ThatCannotBeHad_IsOneLineWithoutThePassword(string connection, string message)
    {
        _connection = connection;
        var refused = await PostgresAsync(2, "list");
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain(Secret, refused.Error + refused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnPostgres_SaysWhatTakesPlansThere()
    {
        using var folder = new TemporaryFolder();
        SmallPlan.Write(folder);
        var refused = (await CliProcess.RunAsync(folder.Path, "run", "plan.yaml", "--store", "postgres")).Expect(2);
        Assert.Contains("--store: found 'postgres', expected a file", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("-1d")]
    [InlineData("1w")]
    public async Task Collect_AgeThatIsNone_IsRefused(string age)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains($"--older-than: found '{age}'", (await CliProcess.RunAsync(folder.Path, "gc", $"--older-than={age}")).Expect(2).Error, StringComparison.Ordinal);
    }

    /// <summary>A database with the run's sweep in it.</summary>
    private async Task FillAsync()
    {
        _connection = await server.CreateStoreAsync();
        var to = await PostgresSweepStore.OpenAsync(_connection, Token);
        await using var closing = (IAsyncDisposable)to;
        await StoreCopy.RunAsync(await SqliteSweepStore.OpenAsync(run.Store, Token), to, Token);
    }

    private async Task<CliOutcome> PostgresAsync(int exitCode, params string[] command)
    {
        var outcome = await CliProcess.RunAsync(run.Folder, [(PostgresStoreOptions.ConnectionStringVariable, _connection)], [.. command, "--store", "postgres"]);
        return outcome.Expect(exitCode);
    }

    private static JsonElement Json(CliOutcome outcome) => JsonDocument.Parse(outcome.Output).RootElement;

    private static async Task ExecuteAsync(string store, string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString());
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }
}
