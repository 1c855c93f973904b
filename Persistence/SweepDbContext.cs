using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Sweep.Persistence.Entities;

namespace Sweep.Persistence;

/// <summary>The results schema, the same on every provider; a provider adds its connection and its migrations.</summary>
internal abstract class SweepDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<SweepEntity> Sweeps => Set<SweepEntity>();

    public DbSet<JobEntity> Jobs => Set<JobEntity>();

    public DbSet<SweepJobEntity> SweepJobs => Set<SweepJobEntity>();

    public DbSet<BatchEntity> Batches => Set<BatchEntity>();

    public DbSet<AttemptEntity> Attempts => Set<AttemptEntity>();

    public DbSet<ItemResultEntity> ItemResults => Set<ItemResultEntity>();

    public DbSet<ArtifactEntity> Artifacts => Set<ArtifactEntity>();

    public DbSet<OutboxEntity> Outbox => Set<OutboxEntity>();

    public DbSet<UserEntity> Users => Set<UserEntity>();

    public DbSet<TokenEntity> Tokens => Set<TokenEntity>();

    public DbSet<JournalEntity> Journal => Set<JournalEntity>();

    public DbSet<ProtectionKeyEntity> ProtectionKeys => Set<ProtectionKeyEntity>();

    public DbSet<SchemaInfoEntity> SchemaInfo => Set<SchemaInfoEntity>();

    /// <summary>UTC microseconds since 1970: SQLite can neither order nor compare DateTimeOffset.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcMicroseconds>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SweepEntity>(sweep =>
        {
            sweep.ToTable("sweeps").HasKey(row => row.Id);
            sweep.HasIndex(row => row.State);
            sweep.HasIndex(row => row.SubmitKey).IsUnique();
        });
        modelBuilder.Entity<JobEntity>(job =>
        {
            job.ToTable("jobs").HasKey(row => row.Key);
            job.HasIndex(row => row.JobId).IsUnique();
        });
        modelBuilder.Entity<ItemEntity>(item =>
        {
            item.ToTable("items").HasKey(row => row.Key);
            item.HasIndex(row => row.ItemId).IsUnique();
        });
        modelBuilder.Entity<SweepJobEntity>(job =>
        {
            job.ToTable("sweep_jobs").HasKey(row => new { row.SweepId, row.Ordinal });
            job.HasIndex(row => new { row.SweepId, row.JobKey, row.Benchmark }).IsUnique();
            job.Property(row => row.OpenBatches).HasDefaultValue(0);
            job.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId);
            job.HasOne<JobEntity>().WithMany().HasForeignKey(row => row.JobKey);
        });
        modelBuilder.Entity<BatchEntity>(batch =>
        {
            batch.ToTable("batches").HasKey(row => row.Id);
            batch.HasIndex(row => new { row.SweepId, row.Number }).IsUnique();
            batch.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId);
        });
        modelBuilder.Entity<AttemptEntity>(attempt =>
        {
            attempt.ToTable("attempts").HasKey(row => new { row.BatchId, row.Token });
            attempt.HasIndex(row => row.SweepId);
            attempt.HasOne<BatchEntity>().WithMany().HasForeignKey(row => row.BatchId);
        });
        modelBuilder.Entity<ItemResultEntity>(result =>
        {
            result.ToTable("item_results").HasKey(row => new { row.JobKey, row.ItemKey });
            result.HasOne<JobEntity>().WithMany().HasForeignKey(row => row.JobKey);
            result.HasOne<ItemEntity>().WithMany().HasForeignKey(row => row.ItemKey);
        });
        modelBuilder.Entity<ArtifactEntity>(artifact =>
        {
            artifact.ToTable("artifacts").HasKey(row => row.Key);
            artifact.Property(row => row.UsedAt).HasDefaultValue(DateTimeOffset.UnixEpoch);
        });
        modelBuilder.Entity<OutboxEntity>(message =>
        {
            message.ToTable("outbox").HasKey(row => row.Id);
            message.HasIndex(row => row.MessageId).IsUnique();
            message.HasIndex(row => row.NextAt);
        });
        modelBuilder.Entity<InboxEntity>(message =>
        {
            message.ToTable("inbox").HasKey(row => new { row.MessageId, row.Consumer });
            message.HasIndex(row => row.ReceivedAt);
        });
        modelBuilder.Entity<SchemaInfoEntity>(info => info.ToTable("schema_info").HasNoKey());
        AccessModel.Configure(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(SnakeCase(property.Name));
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));

    private sealed class UtcMicroseconds() : ValueConverter<DateTimeOffset, long>(
        time => Microseconds.Of(time), value => Microseconds.ToTime(value));
}
