using System.Collections.Concurrent;
using Sweep.Contracts.Plans;
using Sweep.Evaluation;
using Sweep.Execution.Files;

namespace Sweep.Execution.Benchmarks;

/// <summary>Benchmark files in memory, one copy for each kind and content.</summary>
internal sealed class BenchmarkCache(IBenchmarkReader reader, ContentHashes hashes, PlanFiles files)
{
    private readonly ConcurrentDictionary<(string Kind, string Hash), Lazy<IBenchmarkData>> _loaded = new();

    /// <summary>The file's content now, and its hash; of a task, those of the file with its items.</summary>
    /// <param name="kind">"squad", "task", ...</param>
    /// <param name="name">As the plan names it: a task's own files are looked up beside it.</param>
    /// <param name="path">Full path.</param>
    /// <param name="seed">Draws a task's examples.</param>
    public (IBenchmarkData Data, string Hash) Load(string kind, string name, string path, long seed)
    {
        if (kind != PlanWords.Task)
        {
            var hash = hashes.OfFile(path);
            return (Load((kind, hash), () => reader.Read(kind, path)), hash);
        }

        var task = reader.ReadTask(path, file => Beside(name, path, file), seed);
        var ofItems = hashes.OfFile(task.DataPath);
        return (Load((task.PromptVersion, ofItems), task.Read), ofItems);
    }

    private IBenchmarkData Load((string Kind, string Hash) key, Func<IBenchmarkData> read)
    {
        var entry = _loaded.GetOrAdd(key, _ => new Lazy<IBenchmarkData>(read));
        try
        {
            return entry.Value;
        }
        catch
        {
            _loaded.TryRemove(new KeyValuePair<(string, string), Lazy<IBenchmarkData>>(key, entry));
            throw;
        }
    }

    /// <summary>Beside the task file first, then as the plan's files are looked up; inside the roots either way.</summary>
    private string Beside(string task, string path, string file)
    {
        var name = Path.Combine(Path.GetDirectoryName(task) ?? "", file);
        return files.FindFile(name, out var problem) ?? files.FindFile(file, out _)
            ?? throw new InvalidDataFileException(path, "task.dataset_kwargs.data_files", $"'{file}' ({problem})", "a file beside the task or in the roots");
    }
}
