using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Sweep.Persistence.Sqlite;

/// <summary>The schema on SQLite.</summary>
internal sealed class SqliteSweepDbContext(DbContextOptions<SqliteSweepDbContext> options) : SweepDbContext(options)
{
    /// <summary>A context on this file; "Data Source" alone, pragmas come with <see cref="SqlitePragmas"/>.</summary>
    public static SqliteSweepDbContext On(string path) =>
        new(new DbContextOptionsBuilder<SqliteSweepDbContext>()
            .UseSqlite($"Data Source={path};Foreign Keys=True;Default Timeout=30", sqlite => sqlite.MigrationsAssembly(typeof(SqliteSweepDbContext).Assembly))
            .AddInterceptors(SqlitePragmas.Instance)
            .Options);
}

/// <summary>What `dotnet ef` builds a context with; it touches no file.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteSweepDbContext>
{
    public SqliteSweepDbContext CreateDbContext(string[] args) => SqliteSweepDbContext.On(":memory:");
}
