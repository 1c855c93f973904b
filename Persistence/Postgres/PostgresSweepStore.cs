using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Postgres;

/// <summary>The store in a PostgreSQL database. Its schema is made by `sweep migrate --store postgres`, never by opening it.</summary>
public static class PostgresSweepStore
{
    private const string Migrate = "sweep migrate --store postgres";

    /// <summary>Opens the store with default settings.</summary>
    public static Task<ISweepStore> OpenAsync(string connectionString, CancellationToken cancellationToken, TimeProvider? time = null, ISweepEvents? events = null) =>
        OpenAsync(new PostgresStoreOptions { ConnectionString = connectionString }, cancellationToken, time, events);

    /// <summary>Opens the store. It is asynchronously disposable: that closes its connections.</summary>
    /// <exception cref="StoreSettingsException">The settings cannot work.</exception>
    /// <exception cref="IncompatibleStoreException">The database holds no schema that this version can work on.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer.</exception>
    public static async Task<ISweepStore> OpenAsync(PostgresStoreOptions options, CancellationToken cancellationToken, TimeProvider? time = null, ISweepEvents? events = null)
    {
        Check(options);
        var place = PostgresConnection.Place(options.ConnectionString);
        var source = PostgresConnection.Open(options);
        var contexts = PostgresSweepDbContext.Over(source);
        try
        {
            await using var context = new PostgresSweepDbContext(contexts);
            await context.Database.OpenConnectionAsync(cancellationToken);
            if (await SchemaVersion.RefusalAsync(context, place, Migrate, cancellationToken) is { } refusal)
                throw new IncompatibleStoreException(refusal);
        }
        catch (Exception exception)
        {
            await source.DisposeAsync();
            if (Refusal(place, exception) is { } refusal)
                throw refusal;
            throw;
        }

        return new EfSweepStore(() => new PostgresSweepDbContext(contexts), new PostgresDialect(source, place, options.Retries), time ?? TimeProvider.System, events);
    }

    /// <summary>Host, port and database, for messages: nothing secret.</summary>
    /// <exception cref="StoreSettingsException">The settings cannot work.</exception>
    public static string Place(PostgresStoreOptions options)
    {
        Check(options);
        return PostgresConnection.Place(options.ConnectionString);
    }

    /// <summary>Brings the results schema and the schema of Orleans up to date; the number of migrations applied.</summary>
    public static Task<int> MigrateAsync(string connectionString, CancellationToken cancellationToken) =>
        MigrateAsync(new PostgresStoreOptions { ConnectionString = connectionString }, cancellationToken);

    /// <summary>Brings the results schema and the schema of Orleans up to date; the number of migrations applied.</summary>
    /// <exception cref="StoreSettingsException">The settings cannot work.</exception>
    /// <exception cref="IncompatibleStoreException">A later version made the schema, and this one cannot work on it.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer or refuses.</exception>
    public static async Task<int> MigrateAsync(PostgresStoreOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        var place = PostgresConnection.Place(options.ConnectionString);
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await using var context = new PostgresSweepDbContext(PostgresSweepDbContext.Over(source));
            // A migration may take as long as it takes.
            context.Database.SetCommandTimeout(TimeSpan.Zero);
            await context.Database.OpenConnectionAsync(cancellationToken);
            // Several replicas of a release may do this at once: the first one does it, the others find it done. The connection is not pooled, so its end ends the lock.
            await context.Database.ExecuteSqlRawAsync(PostgresLocks.ChangeSchema, cancellationToken);
            var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            if (pending > 0)
                await context.Database.MigrateAsync(cancellationToken);
            return await SchemaVersion.RefusalAsync(context, place, Migrate, cancellationToken) is { } refusal ? throw new IncompatibleStoreException(refusal) : pending;
        }
        catch (Exception exception) when (Refusal(place, exception) is { } refusal)
        {
            throw refusal;
        }
    }

    private static void Check(PostgresStoreOptions options)
    {
        if (options.Problems().ToArray() is { Length: > 0 } problems)
            throw new StoreSettingsException(string.Join('\n', problems));
    }

    /// <summary>What a failure to open means, or null where it is no matter of the database.</summary>
    private static Exception? Refusal(string place, Exception exception) => (exception as DbException ?? (exception as InvalidOperationException)?.InnerException as DbException) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } =>
            new IncompatibleStoreException($"{place}: found no schema of Sweep, expected schema {SchemaVersion.Current}. Run '{Migrate}'."),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            new IncompatibleStoreException($"{place}: found no database of this name, expected one that '{Migrate}' has filled. Create it first (CREATE DATABASE)."),
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            new StoreSettingsException($"{PostgresStoreOptions.Section}:{nameof(PostgresStoreOptions.ConnectionString)} ({PostgresStoreOptions.ConnectionStringVariable}): the server {place} refused: {refused.MessageText}"),
        { } failure => PostgresErrors.Explain(place, failure),
        null => null,
    };
}
