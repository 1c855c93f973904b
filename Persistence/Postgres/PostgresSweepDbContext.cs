using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Sweep.Persistence.Postgres;

/// <summary>The schema on PostgreSQL.</summary>
internal sealed class PostgresSweepDbContext(DbContextOptions<PostgresSweepDbContext> options) : SweepDbContext(options)
{
    /// <summary>Options of contexts over these pooled connections.</summary>
    public static DbContextOptions<PostgresSweepDbContext> Over(NpgsqlDataSource source) =>
        new DbContextOptionsBuilder<PostgresSweepDbContext>()
            .UseNpgsql(source, postgres => postgres.MigrationsAssembly(typeof(PostgresSweepDbContext).Assembly))
            .Options;
}

/// <summary>What `dotnet ef` builds a context with; it connects to nothing.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresSweepDbContext>
{
    public PostgresSweepDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresSweepDbContext>().UseNpgsql("Host=none").Options);
}
