using Npgsql;

namespace Sweep.Hosting.Settings;

/// <summary>Sweep:Store: where sweeps and results are.</summary>
public sealed class StoreOptions
{
    internal const string Key = "Sweep:Store";
    internal const string Sqlite = "sqlite";
    internal const string Postgres = "postgres";

    /// <summary>sqlite (one process) or postgres. Default: sqlite.</summary>
    public string Provider { get; set; } = Sqlite;

    /// <summary>The SQLite file. Default: .sweep/sweep.db under the current folder.</summary>
    public string Path { get; set; } = System.IO.Path.Combine(".sweep", "sweep.db");

    /// <summary>The Postgres database, which holds Orleans' tables too. It has a password in it: give it by the environment. Default: none.</summary>
    public string? ConnectionString { get; set; }

    internal IEnumerable<string> Problems(bool isNeeded)
    {
        if (Provider is not (Sqlite or Postgres))
            yield return $"{Key}:{nameof(Provider)} is '{Provider}', expected {Sqlite} or {Postgres}";
        if (Provider != Postgres && !isNeeded)
            yield break;
        if (string.IsNullOrWhiteSpace(ConnectionString))
            yield return $"{Setting.Named($"{Key}:{nameof(ConnectionString)}")} is empty, expected a Postgres connection string";
        else if (!IsReadable(ConnectionString))
            yield return $"{Setting.Named($"{Key}:{nameof(ConnectionString)}")} cannot be read, expected a Postgres connection string, for instance Host=db;Username=sweep;Database=sweep";
    }

    private static bool IsReadable(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 };
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
