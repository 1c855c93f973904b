using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sweep.Models.Mamba;
using TorchSharp;

namespace Sweep.Models.Checkpoints;

/// <summary>A model folder in Hugging Face layout: config.json, model.safetensors or an index with several files, tokenizer.json. Opening it reads no weights.</summary>
public sealed class CheckpointFolder : IDisposable
{
    private const int Listed = 20;
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _homes = new(StringComparer.Ordinal);

    private CheckpointFolder(string path, MambaConfig config)
    {
        Path = path;
        Config = config;
    }

    public string Path { get; }

    public MambaConfig Config { get; }

    public string TokenizerPath => System.IO.Path.Combine(Path, "tokenizer.json");

    /// <summary>Name → entry of every tensor, whatever file holds it.</summary>
    public IEnumerable<TensorEntry> Tensors => _homes.Select(pair => pair.Value.Tensors[pair.Key]);

    /// <exception cref="InvalidCheckpointException">The folder cannot be used; every unknown, missing or wrongly shaped tensor is in the one message.</exception>
    public static CheckpointFolder Open(string path)
    {
        if (!Directory.Exists(path))
            throw new InvalidCheckpointException($"{path}: found no folder, expected a model in Hugging Face layout");
        var folder = new CheckpointFolder(path, MambaConfigReader.Read(System.IO.Path.Combine(path, "config.json")));
        try
        {
            folder.OpenFiles();
            folder.CheckTensors();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>All expected tensors as copies in one dtype on one device; the caller owns them.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> LoadTensors(torch.ScalarType dtype, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        foreach (var name in MambaShapes.Of(Config).Keys)
        {
            // A_log and D stay fp32 whatever the model's dtype: the recurrence runs in fp32.
            var wanted = name.EndsWith(".A_log", StringComparison.Ordinal) || name.EndsWith(".D", StringComparison.Ordinal) ? torch.ScalarType.Float32 : dtype;
            tensors[name] = _homes[name].ReadTensor(name).to(wanted).to(device).MoveToOuterDisposeScope();
        }

        foreach (var tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return tensors;
    }

    /// <summary>SHA-256 over config facts and, in ordinal order of names, each tensor's name, dtype, shape and bytes: however the files are cut, equal models have equal hashes.</summary>
    public string ComputeWeightsHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"sweep-weights/1\n{Config.ModelType} {Config.NormEpsilon:R} {Config.ResidualInFp32} {Config.TieWordEmbeddings} {string.Join(',', Config.EosTokenIds)}\n")));
        foreach (var name in MambaShapes.Of(Config).Keys.Order(StringComparer.Ordinal))
        {
            var file = _homes[name];
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {file.Tensors[name].Form}\n"));
            hash.AppendData(file.Read(name));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
        _files.Clear();
        _homes.Clear();
    }

    private void OpenFiles()
    {
        var single = System.IO.Path.Combine(Path, "model.safetensors");
        var index = System.IO.Path.Combine(Path, "model.safetensors.index.json");
        if (File.Exists(single))
        {
            Add(single);
            return;
        }

        if (File.Exists(index))
        {
            OpenIndex(index);
            return;
        }

        if (File.Exists(System.IO.Path.Combine(Path, "pytorch_model.bin")))
        {
            throw new InvalidCheckpointException(
                $"{Path}: found pytorch_model.bin, expected model.safetensors. A .bin file is a Python pickle, which can run any code when it is read, so it is never loaded. "
                + "Convert it where you trust it: python -c \"from transformers import AutoModelForCausalLM as M; M.from_pretrained('.').save_pretrained('.', safe_serialization=True)\"");
        }

        throw new InvalidCheckpointException($"{Path}: found neither model.safetensors nor model.safetensors.index.json, expected one of them");
    }

    private void OpenIndex(string index)
    {
        Dictionary<string, string> map;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index), new JsonDocumentOptions { MaxDepth = 16 });
            map = document.RootElement.GetProperty("weight_map").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? "", StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidCheckpointException($"{index}: found no usable weight_map ({exception.Message}), expected an object of tensor name → file name", exception);
        }

        foreach (var name in map.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (name.Length == 0 || name != System.IO.Path.GetFileName(name) || !name.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new InvalidCheckpointException($"{index}: weight_map: found file '{name}', expected the plain name of a .safetensors file in this folder");
            Add(System.IO.Path.Combine(Path, name));
        }

        var misplaced = map.Where(pair => !_homes.TryGetValue(pair.Key, out var file) || System.IO.Path.GetFileName(file.Path) != pair.Value).Select(pair => pair.Key).ToArray();
        if (misplaced.Length > 0)
            throw new InvalidCheckpointException($"{index}: weight_map: {Some(misplaced)} not found in the named file");
    }

    private void Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (var name in file.Tensors.Keys)
        {
            if (!_homes.TryAdd(name, file))
                throw new InvalidCheckpointException($"{path}: tensor '{name}': found in two files, expected in one");
        }
    }

    private void CheckTensors()
    {
        var expected = MambaShapes.Of(Config);
        var problems = new List<string>();
        foreach (var (name, shape) in expected.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!_homes.TryGetValue(name, out var file))
                problems.Add($"'{name}': found nothing, expected [{string.Join(", ", shape)}]");
            else if (!file.Tensors[name].Shape.SequenceEqual(shape))
                problems.Add($"'{name}': found [{string.Join(", ", file.Tensors[name].Shape)}], expected [{string.Join(", ", shape)}]");
            else if (file.Tensors[name].Dtype is not ("F32" or "F16" or "BF16"))
                problems.Add($"'{name}': found {file.Tensors[name].Dtype}, expected F32, F16 or BF16");
        }

        // A tied head may be stored all the same; it is then the embedding once more.
        problems.AddRange(_homes.Keys.Where(name => !expected.ContainsKey(name) && !(Config.TieWordEmbeddings && name == MambaShapes.Head))
            .Order(StringComparer.Ordinal).Select(name => $"'{name}': found, expected no such tensor"));
        if (problems.Count > 0)
            throw new InvalidCheckpointException($"{Path}: {problems.Count} tensors do not fit config.json: {Some(problems)}");
    }

    private static string Some(IReadOnlyCollection<string> all) =>
        string.Join("; ", all.Take(Listed)) + (all.Count > Listed ? $"; and {all.Count - Listed} more" : "");
}
