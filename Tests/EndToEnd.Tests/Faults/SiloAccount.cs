using Npgsql;
using Xunit;

namespace Sweep.EndToEnd.Tests.Faults;

/// <summary>The role that silos connect as. They do not own the schema, or the server would refuse them nothing.</summary>
internal sealed class SiloAccount : IAsyncDisposable
{
    private readonly string _name = $"silo_{Guid.NewGuid():N}";

    private SiloAccount(string ownersConnection) => OwnersConnection = ownersConnection;

    public string OwnersConnection { get; }

    public string SilosConnection => new NpgsqlConnectionStringBuilder(OwnersConnection) { Username = _name, Password = _name }.ConnectionString;

    public static async Task<SiloAccount> CreateAsync(string ownersConnection)
    {
        var account = new SiloAccount(ownersConnection);
        await account.ExecuteAsync($"CREATE ROLE {account._name} LOGIN PASSWORD '{account._name}'", TestContext.Current.CancellationToken);
        foreach (var objects in new[] { "ALL TABLES IN SCHEMA public", "ALL SEQUENCES IN SCHEMA public", "ALL FUNCTIONS IN SCHEMA public" })
            await account.ExecuteAsync($"GRANT ALL ON {objects} TO {account._name}", TestContext.Current.CancellationToken);
        return account;
    }

    /// <summary>Returns when nothing of the silos is under way that had the right when it began: from then on they write no row.</summary>
    public async Task RevokeWritingAsync()
    {
        await ExecuteAsync($"REVOKE INSERT ON item_results FROM {_name}", TestContext.Current.CancellationToken);
        await ExecuteAsync(
            $"""
            DO $$
            DECLARE revoked CONSTANT timestamptz := clock_timestamp();
            BEGIN
              LOOP
                PERFORM pg_stat_clear_snapshot();
                EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = '{_name}' AND xact_start < revoked);
                PERFORM pg_sleep(0.02);
              END LOOP;
            END $$
            """,
            TestContext.Current.CancellationToken);
    }

    public Task GrantWritingAsync() => ExecuteAsync($"GRANT INSERT ON item_results TO {_name}", TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await ExecuteAsync($"DROP OWNED BY {_name}; DROP ROLE {_name}", CancellationToken.None);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        // Not one of a pool: the server may have been restarted since.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(OwnersConnection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
