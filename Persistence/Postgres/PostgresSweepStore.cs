using Microsoft.EntityFrameworkCore;
using Npgsql;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Postgres;

/// <summary>The store in a PostgreSQL database. Its schema is made by `sweep migrate --store postgres`, never by opening it.</summary>
public static class PostgresSweepStore
{
    private const string Migrate = "sweep migrate --store postgres";

    /// <summary>Opens the store. It is disposable: disposing closes its connections.</summary>
    /// <exception cref="IncompatibleStoreException">The connection string is none, or the database holds no schema that this version can work on.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer.</exception>
    public static async Task<ISweepStore> OpenAsync(string connectionString, CancellationToken cancellationToken, TimeProvider? time = null, ISweepEvents? events = null)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        var options = PostgresSweepDbContext.Over(source);
        try
        {
            await using var context = new PostgresSweepDbContext(options);
            if (await SchemaVersion.RefusalAsync(context, source.ConnectionString, Migrate, cancellationToken) is { } refusal)
                throw new IncompatibleStoreException(refusal);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }

        return new EfSweepStore(() => new PostgresSweepDbContext(options), new PostgresDialect(), time ?? TimeProvider.System, events);
    }

    /// <summary>Brings the schema up to date; the number of migrations applied.</summary>
    public static async Task<int> MigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var context = new PostgresSweepDbContext(PostgresSweepDbContext.Over(source));
        var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
        if (pending > 0)
            await context.Database.MigrateAsync(cancellationToken);
        return pending;
    }
}
