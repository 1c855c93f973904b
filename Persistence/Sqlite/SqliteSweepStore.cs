using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Sweep.Contracts.Store;

namespace Sweep.Persistence.Sqlite;

/// <summary>The store in one SQLite file.</summary>
public static class SqliteSweepStore
{
    /// <summary>Opens the file, making its folder, the file and its schema where they are missing.</summary>
    /// <exception cref="IncompatibleStoreException">The file is no store, or has a schema this version does not know.</exception>
    public static async Task<ISweepStore> OpenAsync(string path, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var full = StoreFile.Prepare(path);
        await MigrateAsync(full, cancellationToken);
        return new EfSweepStore(() => SqliteSweepDbContext.On(full), time ?? TimeProvider.System);
    }

    /// <summary>Brings the schema up to date; the number of migrations applied.</summary>
    public static async Task<int> MigrateAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await StoreFile.RefuseForeignAsync(path, cancellationToken);
            await using var context = SqliteSweepDbContext.On(path);
            var known = context.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
            var unknown = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Where(name => !known.Contains(name)).ToArray();
            if (unknown.Length > 0)
                throw new IncompatibleStoreException($"{path}: found a schema with {unknown[^1]}, expected one that this version of Sweep knows. Use the version that made it, or give another --store.");
            var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            if (pending > 0)
                await context.Database.MigrateAsync(cancellationToken);
            return pending;
        }
        catch (Microsoft.Data.Sqlite.SqliteException exception)
        {
            throw StoreFile.Refusal(path, exception);
        }
    }

    /// <summary>Registers an opened store.</summary>
    public static IServiceCollection AddSweepStore(this IServiceCollection services, ISweepStore store) => services.AddSingleton(store);
}

/// <summary>A store file that this version cannot use.</summary>
public sealed class IncompatibleStoreException(string message) : Exception(message);
