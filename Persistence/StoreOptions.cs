using System.Globalization;
using Sweep.Persistence.Postgres;

namespace Sweep.Persistence;

/// <summary>Databases that hold a store.</summary>
public enum StoreProvider
{
    /// <summary>One file, one process.</summary>
    Sqlite,

    /// <summary>A server, many processes.</summary>
    Postgres,
}

/// <summary>Where results are kept: section Sweep:Store.</summary>
public sealed record StoreOptions
{
    public const string Section = "Sweep:Store";

    /// <summary>The environment variable that holds <see cref="ConnectionString"/>, so that its password is in no file and no command line.</summary>
    public const string ConnectionStringVariable = "Sweep__Store__ConnectionString";

    /// <summary>sqlite or postgres. Default: sqlite.</summary>
    public StoreProvider Provider { get; set; } = StoreProvider.Sqlite;

    /// <summary>The SQLite file. Default: .sweep/sweep.db under the current folder.</summary>
    public string Path { get; set; } = System.IO.Path.Combine(".sweep", "sweep.db");

    /// <summary>PostgreSQL: "Host=...;Port=5432;Database=...;Username=...;Password=..."; further keywords as Npgsql knows them. Default: none.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>PostgreSQL: seconds after which the server gives a statement up, and half of which it waits for a transaction's next one. Default: 30.</summary>
    public int StatementTimeoutSeconds { get; set; } = 30;

    /// <summary>PostgreSQL: times that a transaction is tried again at once when it met another or lost its connection, before its caller is told. Default: 3.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>Everything that cannot work, each naming its setting.</summary>
    public IEnumerable<string> Problems()
    {
        if (Provider == StoreProvider.Sqlite && string.IsNullOrWhiteSpace(Path))
            yield return $"{Section}:{nameof(Path)} is empty, expected a file (Sweep__Store__Path)";
        if (StatementTimeoutSeconds is < 1 or > 3600)
            yield return $"{Section}:{nameof(StatementTimeoutSeconds)} is {StatementTimeoutSeconds.ToString(CultureInfo.InvariantCulture)}, expected 1 to 3600 (Sweep__Store__StatementTimeoutSeconds)";
        if (Retries is < 0 or > 10)
            yield return $"{Section}:{nameof(Retries)} is {Retries.ToString(CultureInfo.InvariantCulture)}, expected 0 to 10 (Sweep__Store__Retries)";
        if (Provider == StoreProvider.Postgres && PostgresConnection.Problem(ConnectionString) is { } problem)
            yield return problem;
    }
}

/// <summary>Settings of a store that cannot work; the message names each.</summary>
public sealed class StoreSettingsException(string message) : Exception(message);
