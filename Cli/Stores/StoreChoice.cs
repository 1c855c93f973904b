using System.Globalization;
using Sweep.Contracts.Store;
using Sweep.Persistence;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Sqlite;

namespace Sweep.Cli.Stores;

/// <summary>What --store names: a SQLite file, or "postgres" for the database of $Sweep__Store__ConnectionString.</summary>
internal sealed class StoreChoice
{
    private const string Postgres = "postgres";
    private const string TimeoutVariable = "Sweep__Store__StatementTimeoutSeconds";
    private readonly string _text;

    public StoreChoice(string text) => _text = text;

    public bool IsPostgres => _text == Postgres;

    /// <summary>The file, absolute, for what only a file has.</summary>
    /// <exception cref="WrongInputException">It is none.</exception>
    public string FilePath(string command) => IsPostgres
        ? throw new WrongInputException($"--store: found '{Postgres}', expected a file: 'sweep {command}' runs in this process, on a store that it has alone (a cluster takes plans by 'sweep submit')")
        : Path.GetFullPath(_text);

    /// <summary>For messages; without a password.</summary>
    public string Place => IsPostgres ? PostgresSweepStore.Place(PostgresOptions()) : Path.GetFullPath(_text);

    /// <summary>Opens a store that must exist.</summary>
    public async Task<ISweepStore> OpenAsync(CancellationToken cancellationToken) => IsPostgres || Path.Exists(_text)
        ? await OpenOrCreateAsync(cancellationToken)
        : throw new WrongInputException($"{_text}: found no store, expected one that 'sweep run' has made (or give --store)");

    /// <summary>Opens the store; a file is made where it is missing.</summary>
    public async Task<ISweepStore> OpenOrCreateAsync(CancellationToken cancellationToken) => IsPostgres
        ? await PostgresSweepStore.OpenAsync(PostgresOptions(), cancellationToken)
        : await SqliteSweepStore.OpenAsync(_text, cancellationToken);

    /// <summary>Brings the schema up to date; the number of migrations applied.</summary>
    public async Task<int> MigrateAsync(CancellationToken cancellationToken)
    {
        if (IsPostgres)
            return await PostgresSweepStore.MigrateAsync(PostgresOptions(), cancellationToken);
        var path = StoreFile.Prepare(_text);
        using var owned = StoreLock.Take(path);
        return await SqliteSweepStore.MigrateAsync(path, cancellationToken);
    }

    /// <summary>Keeps other processes from a file for as long as it is not disposed; a database has its own order among processes.</summary>
    /// <exception cref="StoreInUseException">Another process works on the file.</exception>
    public IDisposable? Own() => IsPostgres ? null : StoreLock.Take(Path.GetFullPath(_text));

    /// <summary>As the help shows a default.</summary>
    public override string ToString() => _text;

    private static PostgresStoreOptions PostgresOptions()
    {
        var options = new PostgresStoreOptions { ConnectionString = Environment.GetEnvironmentVariable(PostgresStoreOptions.ConnectionStringVariable) ?? "" };
        if (Environment.GetEnvironmentVariable(TimeoutVariable) is not { Length: > 0 } seconds)
            return options;
        return int.TryParse(seconds, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? options with { StatementTimeoutSeconds = number }
            : throw new WrongInputException($"{TimeoutVariable}: found '{seconds}', expected a number of seconds");
    }
}
