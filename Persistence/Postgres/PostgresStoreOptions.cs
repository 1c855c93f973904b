using System.Globalization;

namespace Sweep.Persistence.Postgres;

/// <summary>A store in PostgreSQL: of section Sweep:Store.</summary>
public sealed record PostgresStoreOptions
{
    public const string Section = "Sweep:Store";

    /// <summary>The environment variable that holds <see cref="ConnectionString"/>, so that its password is in no file and no command line.</summary>
    public const string ConnectionStringVariable = "Sweep__Store__ConnectionString";

    /// <summary>"Host=...;Port=5432;Database=...;Username=...;Password=..."; further keywords as Npgsql knows them. Default: none.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Seconds after which the server gives a statement up, and half of which it waits for a transaction's next one. Default: 30.</summary>
    public int StatementTimeoutSeconds { get; set; } = 30;

    /// <summary>Times that a transaction is tried again at once when it met another or lost its connection, before its caller is told. Default: 3.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>Everything that cannot work, each naming its setting.</summary>
    public IEnumerable<string> Problems()
    {
        if (PostgresConnection.Problem(ConnectionString) is { } problem)
            yield return problem;
        if (StatementTimeoutSeconds is < 1 or > 3600)
            yield return $"{Section}:{nameof(StatementTimeoutSeconds)} is {StatementTimeoutSeconds.ToString(CultureInfo.InvariantCulture)}, expected 1 to 3600 (Sweep__Store__StatementTimeoutSeconds)";
        if (Retries is < 0 or > 10)
            yield return $"{Section}:{nameof(Retries)} is {Retries.ToString(CultureInfo.InvariantCulture)}, expected 0 to 10 (Sweep__Store__Retries)";
    }
}

/// <summary>Settings of a store that cannot work; the message names each.</summary>
public sealed class StoreSettingsException(string message) : Exception(message);
