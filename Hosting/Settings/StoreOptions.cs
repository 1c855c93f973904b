using Sweep.Persistence.Postgres;

namespace Sweep.Hosting.Settings;

/// <summary>Sweep:Store: where sweeps and results are. With postgres the section holds <see cref="PostgresStoreOptions"/> too.</summary>
public sealed class StoreOptions
{
    internal const string Key = PostgresStoreOptions.Section;
    internal const string SqliteProvider = "sqlite";
    internal const string PostgresProvider = "postgres";

    /// <summary>sqlite (one process) or postgres. Default: sqlite.</summary>
    public string Provider { get; set; } = SqliteProvider;

    /// <summary>The SQLite file. Default: .sweep/sweep.db under the current folder.</summary>
    public string Path { get; set; } = System.IO.Path.Combine(".sweep", "sweep.db");

    /// <summary>The Postgres database, which holds Orleans' tables too.</summary>
    public PostgresStoreOptions Postgres { get; } = new();

    internal IEnumerable<string> Problems()
    {
        if (Provider is not (SqliteProvider or PostgresProvider))
            yield return $"{Key}:{nameof(Provider)} is '{Provider}', expected {SqliteProvider} or {PostgresProvider}";
        if (Provider != PostgresProvider)
            yield break;
        foreach (var problem in Postgres.Problems())
            yield return problem;
    }
}
