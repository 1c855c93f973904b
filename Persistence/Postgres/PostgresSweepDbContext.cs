using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;
using Sweep.Persistence.Entities;

namespace Sweep.Persistence.Postgres;

/// <summary>The schema on PostgreSQL.</summary>
internal sealed class PostgresSweepDbContext(DbContextOptions<PostgresSweepDbContext> options) : SweepDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // PostgresRows keeps what these would keep, once a micro-batch instead of row by row.
        var results = modelBuilder.Entity<ItemResultEntity>().Metadata;
        foreach (var key in results.GetForeignKeys().ToArray())
            results.RemoveForeignKey(key);
        foreach (var index in results.GetIndexes().ToArray())
            results.RemoveIndex(index);
    }

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
