using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Sweep.Execution.Files;

/// <summary>SHA-256 of files, remembered while their size and time of change stay the same.</summary>
internal sealed class ContentHashes
{
    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string OfFile(string path)
    {
        var (size, changed) = Stamp(path);
        if (_known.TryGetValue(path, out var entry) && entry.Size == size && entry.Changed == changed)
            return entry.Hash;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));

        // A file that changed while it was read is not remembered.
        if (Stamp(path) == (size, changed))
            _known[path] = new Entry(size, changed, hash);
        return hash;
    }

    /// <summary>SHA-256 over "name hash" lines of the files, in the order of their names.</summary>
    public string OfFiles(IEnumerable<string> paths)
    {
        var text = new StringBuilder();
        foreach (var path in paths.OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal))
            text.Append(Path.GetFileName(path)).Append(' ').Append(OfFile(path)).Append('\n');
        return OfText(text.ToString());
    }

    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static (long Size, DateTime Changed) Stamp(string path)
    {
        var info = new FileInfo(path);
        return (info.Length, info.LastWriteTimeUtc);
    }

    private sealed record Entry(long Size, DateTime Changed, string Hash);
}
