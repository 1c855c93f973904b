using System.Collections.Concurrent;
using Sweep.Execution.Files;

namespace Sweep.Execution.Benchmarks;

/// <summary>Benchmark files in memory, one copy for each kind and content.</summary>
internal sealed class BenchmarkCache(IBenchmarkReader reader, ContentHashes hashes)
{
    private readonly ConcurrentDictionary<(string Kind, string Hash), Lazy<IBenchmarkData>> _loaded = new();

    /// <summary>The file's content now, and its hash.</summary>
    public (IBenchmarkData Data, string Hash) Load(string kind, string path)
    {
        var hash = hashes.OfFile(path);
        var entry = _loaded.GetOrAdd((kind, hash), key => new Lazy<IBenchmarkData>(() => reader.Read(key.Kind, path)));
        try
        {
            return (entry.Value, hash);
        }
        catch
        {
            _loaded.TryRemove(new KeyValuePair<(string, string), Lazy<IBenchmarkData>>((kind, hash), entry));
            throw;
        }
    }
}
