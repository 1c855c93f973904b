using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Sweep.Persistence;

/// <summary>
/// An operating-system lock beside a store file. It ends with the process, however that ends, so whoever holds it knows that no other process works on the store and may
/// void what a killed one left.
/// </summary>
public sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="StoreInUseException">Another process holds it.</exception>
    /// <exception cref="IncompatibleStoreException">Nothing can be written beside it.</exception>
    public static StoreLock Take(string storePath)
    {
        var path = storePath + ".lock";
        var holder = storePath + ".holder";
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            var who = File.Exists(holder) ? File.ReadAllText(holder).Trim() : "another process";
            throw new StoreInUseException($"{storePath}: found it in use by {who}, expected no other process. Wait for it, stop it, or give another --store.");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IncompatibleStoreException($"{storePath}: could not be locked ({exception.Message}), expected a folder that can be written");
        }

        using var process = Process.GetCurrentProcess();
        File.WriteAllText(holder, string.Create(CultureInfo.InvariantCulture, $"process {process.Id} ({process.ProcessName}), since {DateTimeOffset.Now:yyyy-MM-dd HH:mm:ss zzz}"), Encoding.UTF8);
        return new StoreLock(file);
    }

    public void Dispose() => _file.Dispose();
}
