using System.Net;
using Npgsql;
using Xunit;

namespace Sweep.Cluster.Tests.Operations;

[Collection(RunningCluster.Name)]
public sealed class HealthTests(RunningCluster running)
{
    [Fact]
    public async Task Probes_OfARunningSilo_SayAliveAndReady()
    {
        foreach (var silo in new[] { running.Coordinator, running.Worker })
        {
            Assert.Equal((HttpStatusCode.OK, """{"ok":true,"checks":{}}"""), await silo.GetAsync("/health/live"));
            Assert.Equal(
                (HttpStatusCode.OK, """{"ok":true,"checks":{"silo":{"ok":true,"found":"active"},"store":{"ok":true,"found":"answers"}}}"""),
                await silo.GetAsync("/health/ready"));
        }
    }

    [Fact]
    public async Task Ready_WithoutAStoreThatAnswers_IsRefusedUntilItAnswersAgain()
    {
        var name = new NpgsqlConnectionStringBuilder(running.Cluster.ConnectionString).Database!;
        await ExecuteAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false", database: "postgres");
        try
        {
            await ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'", database: "postgres");
            var (status, body) = await running.Worker.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Contains("\"silo\":{\"ok\":true", body, StringComparison.Ordinal);
            Assert.Contains("\"store\":{\"ok\":false", body, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await running.Worker.GetAsync("/health/live")).Status);
        }
        finally
        {
            await ExecuteAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS true", database: "postgres");
        }

        await running.Cluster.UntilAsync("the worker to be ready again", async () => (await running.Worker.GetAsync("/health/ready")).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ready_WithASchemaOfTheFuture_IsRefusedAndSaysWhy()
    {
        await ExecuteAsync("UPDATE schema_info SET version = version + 1000, oldest_compatible = oldest_compatible + 1000");
        try
        {
            var (status, body) = await running.Worker.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Contains("Use a newer version of Sweep", body, StringComparison.Ordinal);

            // One that starts now is refused at once.
            await using var late = running.Cluster.Start("late");
            await late.ExpectExitAsync(2);
            Assert.Contains("Use a newer version of Sweep", late.Error, StringComparison.Ordinal);
            Assert.Single(late.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            await ExecuteAsync("UPDATE schema_info SET version = version - 1000, oldest_compatible = oldest_compatible - 1000");
        }
    }

    private async Task ExecuteAsync(string sql, string? database = null)
    {
        var target = new NpgsqlConnectionStringBuilder(running.Cluster.ConnectionString) { Pooling = false };
        target.Database = database ?? target.Database;
        await using var connection = new NpgsqlConnection(target.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
