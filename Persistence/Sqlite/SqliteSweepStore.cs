using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Sqlite;

/// <summary>The store in one SQLite file.</summary>
public static class SqliteSweepStore
{
    /// <summary>Opens the file, making its folder, the file and its schema where they are missing.</summary>
    /// <exception cref="IncompatibleStoreException">The file is no store, or holds a schema that this version cannot work on.</exception>
    public static async Task<ISweepStore> OpenAsync(string path, CancellationToken cancellationToken, TimeProvider? time = null, ISweepEvents? events = null)
    {
        var full = StoreFile.Prepare(path);
        await MigrateAsync(full, cancellationToken);
        return new EfSweepStore(() => SqliteSweepDbContext.On(full), new SqliteDialect(), time ?? TimeProvider.System, events);
    }

    /// <summary>Brings the schema up to date; the number of migrations applied.</summary>
    public static async Task<int> MigrateAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await StoreFile.RefuseForeignAsync(path, cancellationToken);
            await using var context = SqliteSweepDbContext.On(path);
            var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            if (pending > 0)
                await context.Database.MigrateAsync(cancellationToken);
            return await SchemaVersion.RefusalAsync(context, path, $"sweep migrate --store {path}", cancellationToken) is { } refusal
                ? throw new IncompatibleStoreException(refusal)
                : pending;
        }
        catch (SqliteException exception)
        {
            throw StoreFile.Refusal(path, exception);
        }
    }

    /// <summary>Registers an opened store.</summary>
    public static IServiceCollection AddSweepStore(this IServiceCollection services, ISweepStore store) => services.AddSingleton(store);
}
