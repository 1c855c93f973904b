using System.Text.Json;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>The safetensors files of a folder as one set of tensors: model.safetensors, or the shards of model.safetensors.index.json.</summary>
internal sealed class CheckpointTensors : IDisposable
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>All tensors in one file, as Mistral publishes its models in their original names.</summary>
    public const string ConsolidatedFile = "consolidated.safetensors";

    /// <summary>What the original state-spaces layout calls <see cref="MambaShapes.Embeddings"/>.</summary>
    private const string OriginalEmbeddings = "backbone.embedding.weight";

    /// <summary>What <see cref="ConsolidatedFile"/> has before every name.</summary>
    private const string WrappedPrefix = "model.";
    private const long MaxIndexBytes = 100_000_000;

    // Tensors only (weights_only), each with memory of its own: what shares memory, as a tied head does, safetensors refuses.
    private const string ConvertFile =
        "python -c \"import torch, safetensors.torch as s; w = torch.load('pytorch_model.bin', map_location='cpu', weights_only=True); "
        + "s.save_file({k: v.clone().contiguous() for k, v in w.items()}, 'model.safetensors')\" in that folder";

    private const string ConvertFolder =
        "python -c \"from transformers import AutoModelForCausalLM as M; M.from_pretrained('.').save_pretrained('converted', safe_serialization=True)\" in that folder";

    private static readonly string[] Pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private CheckpointTensors()
    {
    }

    /// <summary>All tensors, by the names of transformers.</summary>
    public IReadOnlyCollection<string> Names => _owners.Keys;

    public IReadOnlyList<SafetensorsFile> Files => _files;

    public bool Contains(string name) => _owners.ContainsKey(name);

    public SafetensorsEntry Entry(string name) => _owners[name].Tensors[Stored(name)];

    /// <summary>A tensor's bytes: see <see cref="SafetensorsFile.Bytes"/>.</summary>
    public ReadOnlySpan<byte> Bytes(string name, long start, int length) => _owners[name].Bytes(Stored(name), start, length);

    public Tensor Read(string name, ScalarType? dtype, Device? device) => _owners[name].ReadTensor(Stored(name), dtype, device);

    /// <exception cref="InvalidCheckpointException">No safetensors, a broken one, or an index that does not fit its shards.</exception>
    public static CheckpointTensors Open(string folder)
    {
        var index = new CheckpointTensors();
        try
        {
            if (File.Exists(Path.Combine(folder, SingleFile)))
                index.OpenSingle(Path.Combine(folder, SingleFile));
            else if (File.Exists(Path.Combine(folder, IndexFile)))
                index.OpenShards(folder, Path.Combine(folder, IndexFile));
            else if (File.Exists(Path.Combine(folder, ConsolidatedFile)))
                index.OpenSingle(Path.Combine(folder, ConsolidatedFile));
            else
                throw NoWeights(folder);
            index.RenameOriginal();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private string Stored(string name) => _names.GetValueOrDefault(name, name);

    private void RenameOriginal()
    {
        foreach (var (stored, owner) in _owners.ToList())
        {
            var name = stored.StartsWith(WrappedPrefix, StringComparison.Ordinal) ? stored[WrappedPrefix.Length..] : stored;
            name = name == OriginalEmbeddings ? MambaShapes.Embeddings : name;
            if (name == stored || !_owners.TryAdd(name, owner))
                continue;
            _owners.Remove(stored);
            _names.Add(name, stored);
        }
    }

    private static InvalidCheckpointException NoWeights(string folder)
    {
        var pickle = Pickles.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
        return new(pickle is null
            ? $"{folder}: found neither {SingleFile} nor {IndexFile}, expected one of them"
            : $"{folder}: found {pickle} only, expected {SingleFile}: a .bin file is a Python pickle, and reading a pickle runs whatever code is in it. "
                + $"Convert it once, where you trust its source and have Python with torch and safetensors: {(pickle.EndsWith(".bin", StringComparison.Ordinal) ? ConvertFile : ConvertFolder)}");
    }

    private void OpenSingle(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (var name in file.Tensors.Keys)
            _owners.Add(name, file);
    }

    private void OpenShards(string folder, string path)
    {
        var map = ReadWeightMap(path);
        var problems = new ProblemList();
        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (var shard in map.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var file = SafetensorsFile.Open(Path.Combine(folder, shard));
            _files.Add(file);
            shards.Add(shard, file);
            foreach (var name in file.Tensors.Keys.Where(name => !map.TryGetValue(name, out var owner) || owner != shard))
                problems.Add($"{shard}: tensor '{name}': found here, expected {(map.TryGetValue(name, out var owner) ? $"in {owner}" : "nowhere")} by the index");
        }

        foreach (var (name, shard) in map)
        {
            if (shards[shard].Tensors.ContainsKey(name))
                _owners.Add(name, shards[shard]);
            else
                problems.Add($"{shard}: tensor '{name}': missing, expected here by the index");
        }

        problems.ThrowIfAny(path);
    }

    private static Dictionary<string, string> ReadWeightMap(string path)
    {
        using var document = JsonFile.Read(path, MaxIndexBytes, JsonValueKind.Object);
        if (!document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new InvalidCheckpointException($"{path}: weight_map: found none, expected an object of tensor name to file name");
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in map.EnumerateObject())
        {
            var shard = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "";
            if (!IsPlainName(shard))
                throw new InvalidCheckpointException(
                    $"{path}: weight_map.{member.Name}: found {JsonFile.Show(member.Value)}, expected the plain name of a .safetensors file in the folder");
            shards.Add(member.Name, shard);
        }

        if (shards.Count == 0)
            throw new InvalidCheckpointException($"{path}: weight_map: found no tensors, expected at least one");
        return shards;
    }

    // Separators of every system, so that a name that is plain here is plain everywhere; drives and streams of Windows by the colon.
    private static bool IsPlainName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && name.Length > ".safetensors".Length
        && name.IndexOfAny(['/', '\\', ':', '\0']) < 0 && !name.StartsWith('.');
}
