namespace Sweep.Execution.Hub;

/// <summary>A lock between processes, which a killed one leaves open. The file stays: who waits for it holds it open.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Waits for as long as another has it.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="shared">Others may have it shared, too.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<FileLock> TakeAsync(string path, bool shared, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path, shared) is { } taken)
                return taken;
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Null: another has it.</summary>
    public static FileLock? TryTake(string path, bool shared)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileLock(shared
                ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
