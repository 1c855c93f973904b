using System.Globalization;
using Npgsql;

namespace Sweep.Persistence.Postgres;

/// <summary>From a user's connection string to pooled connections with this store's habits. Nothing here shows a password.</summary>
internal static class PostgresConnection
{
    private const string Expected = "expected 'Host=...;Port=5432;Database=...;Username=...;Password=...'";

    /// <summary>Why it is no connection string of a store, or null. The text itself is never repeated: it may hold a password anywhere.</summary>
    public static string? Problem(string connectionString)
    {
        const string Setting = $"{PostgresStoreOptions.Section}:{nameof(PostgresStoreOptions.ConnectionString)} ({PostgresStoreOptions.ConnectionStringVariable})";
        if (string.IsNullOrWhiteSpace(connectionString))
            return $"{Setting}: found nothing, {Expected}";
        if (connectionString.Contains("://", StringComparison.Ordinal) && !connectionString.Contains('=', StringComparison.Ordinal))
            return $"{Setting}: found a URI, {Expected}";
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return $"{Setting}: found a text that is no list of known keywords with values, {Expected}";
        }

        if (string.IsNullOrEmpty(settings.Host))
            return $"{Setting}: found no Host, {Expected}";
        if (string.IsNullOrEmpty(settings.Database))
            return $"{Setting}: found no Database, {Expected}";
        return settings.Multiplexing ? $"{Setting}: found Multiplexing=true, expected it off: a transaction needs a connection of its own" : null;
    }

    /// <summary>Host, port and database, for messages.</summary>
    public static string Place(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}/{settings.Database}");
    }

    /// <summary>Connections of a store; what the string says itself stays as it is.</summary>
    public static NpgsqlDataSource Open(PostgresStoreOptions options)
    {
        var given = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        Default("Application Name", "sweep");
        Default("Maximum Pool Size", 24);
        Default("Timeout", 10);
        Default("Keepalive", 30);
        Default("Max Auto Prepare", 40);
        // The server's own limit comes first and says what it ended; this one is for a server that is silent.
        Default("Command Timeout", options.StatementTimeoutSeconds + 5);
        // A session keeps its staging table and its prepared statements; it has no other state.
        Default("No Reset On Close", true);
        Default("Options", ServerSettings(options.StatementTimeoutSeconds));
        return NpgsqlDataSource.Create(settings.ConnectionString);

        void Default(string keyword, object value)
        {
            if (!given.ContainsKey(keyword) || !given.Keys.Contains(keyword, StringComparer.OrdinalIgnoreCase))
                settings[keyword] = value;
        }
    }

    /// <summary>
    /// A process that hangs inside a transaction, or whose machine is gone, must not keep its locks: the server ends the transaction, and what the process tries later is late.
    /// </summary>
    private static string ServerSettings(int statementTimeoutSeconds)
    {
        var statement = statementTimeoutSeconds * 1000;
        return string.Create(CultureInfo.InvariantCulture,
            $"-c statement_timeout={statement} -c idle_in_transaction_session_timeout={statement / 2} -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout={statement}");
    }
}
