using Microsoft.Data.Sqlite;

namespace Sweep.Persistence.Sqlite;

/// <summary>What may be a store: a SQLite file of Sweep, or a name for one in a folder that can be written.</summary>
public static class StoreFile
{
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>The full path, its folder made. What cannot be a store is refused before anything is written beside it.</summary>
    /// <exception cref="IncompatibleStoreException">There is a folder of that name, or no folder can be made for it.</exception>
    public static string Prepare(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
            throw new IncompatibleStoreException($"{path}: found a folder, expected a SQLite file or a name for one");
        var folder = Path.GetDirectoryName(full)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IncompatibleStoreException($"{path}: found no folder '{folder}' and could not make it ({exception.Message}), expected one that can be written");
        }

        return full;
    }

    /// <summary>Tables of something else are left as they are.</summary>
    internal static async Task RefuseForeignAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return;
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name = '__EFMigrationsHistory' DESC, name LIMIT 1";
        if (await command.ExecuteScalarAsync(cancellationToken) is string table && table != "__EFMigrationsHistory")
            throw new IncompatibleStoreException($"{path}: found a SQLite database of something else (table '{table}'), expected a store of Sweep or no file");
    }

    internal static IncompatibleStoreException Refusal(string path, SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase
        ? new($"{path}: found no usable SQLite database ({exception.Message}), expected a store of Sweep or no file")
        : new($"{path}: could not be opened ({exception.Message}), expected a file that can be read and written, in a folder that can be written");
}
