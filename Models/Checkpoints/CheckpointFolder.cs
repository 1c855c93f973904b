using System.Security.Cryptography;
using Sweep.Models.Architectures;
using Sweep.Models.Mamba;
using Sweep.Models.Text;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// A model folder as Hugging Face publishes it: config.json, model.safetensors or its shards, tokenizer.json. Opening reads and checks the
/// config and every header; weights are read when asked for.
/// </summary>
public sealed class CheckpointFolder : IDisposable
{
    private readonly CheckpointTensors _index;
    private readonly IReadOnlyDictionary<string, long[]> _expected;
    private readonly Lazy<string> _weightsHash;
    private readonly Lazy<string?> _tokenizerHash;

    private CheckpointFolder(string path, ModelConfig config, CheckpointTensors index)
    {
        (Path, Config, _index) = (path, config, index);
        _expected = MambaShapes.Expected(config);
        _weightsHash = new(() => Checkpoints.WeightsHash.Compute(Config, _expected.Keys, _index));
        _tokenizerHash = new(() => HasTokenizer ? HashFile(TokenizerPath) : null);
        CheckTensors();
    }

    public string Path { get; }

    public ModelConfig Config { get; }

    /// <summary>Where the tokenizer is: tokenizer.json, else tekken.json or a SentencePiece model; where tokenizer.json would be when there is none.</summary>
    public string TokenizerPath => TokenizerFiles.Find(Path);

    public bool HasTokenizer => File.Exists(TokenizerPath);

    /// <summary>Elements of all tensors; a tied head counts once.</summary>
    public long ParameterCount => MambaShapes.ParameterCount(Config);

    /// <summary>
    /// SHA-256 (lower-case hex) of what the model computes: the config's sizes and switches, then name, dtype, shape and bytes of every tensor
    /// in ordinal order. The same for one file or several, with or without a copy of a tied head. Reads all weights the first time.
    /// </summary>
    public string WeightsHash => _weightsHash.Value;

    /// <summary>SHA-256 (lower-case hex) of the tokenizer file's bytes; null without one.</summary>
    public string? TokenizerHash => _tokenizerHash.Value;

    /// <exception cref="InvalidCheckpointException">Anything wrong with the folder; tensors that are unknown, missing or wrongly shaped are named together.</exception>
    public static CheckpointFolder Open(string path)
    {
        if (!Directory.Exists(path))
            throw new InvalidCheckpointException($"{path}: found no such folder, expected a model folder with config.json and {CheckpointTensors.SingleFile}");
        var configPath = System.IO.Path.Combine(path, "config.json");
        if (!File.Exists(configPath))
            throw new InvalidCheckpointException($"{path}: found no config.json, expected a model folder with one");
        var config = ConfigFile.Read(configPath);
        var index = CheckpointTensors.Open(path);
        try
        {
            return new(path, config, index);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Copies every tensor of <see cref="MambaShapes.Expected"/> out of the files; the caller owns them. A tied head is left out.
    /// </summary>
    /// <param name="dtype">Wanted dtype; null keeps each tensor's own.</param>
    /// <param name="device">Null: the processor.</param>
    /// <exception cref="InvalidCheckpointException">The config ties the head, and the file has one that is not the embedding.</exception>
    public IReadOnlyDictionary<string, Tensor> LoadTensors(ScalarType? dtype = null, Device? device = null)
    {
        CheckTiedHead();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var name in _expected.Keys)
                tensors.Add(name, _index.Read(name, dtype, device).DetachFromDisposeScope());
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <summary>Loads the model in the dtype and on the device.</summary>
    public MambaModel LoadModel(ScalarType dtype = ScalarType.Float32, Device? device = null, bool tf32 = false) =>
        new(Config, LoadTensors(), device, dtype, tf32);

    /// <exception cref="InvalidCheckpointException">tokenizer.json is missing, not supported, or has ids that the model's vocabulary lacks.</exception>
    public TextTokenizer LoadTokenizer()
    {
        var tokenizer = TextTokenizer.Load(TokenizerPath);
        return tokenizer.MaxId < Config.VocabularySize
            ? tokenizer
            : throw new InvalidCheckpointException($"{TokenizerPath}: found token id {tokenizer.MaxId}, expected ids below {Config.VocabularySize}, the model's vocab_size");
    }

    public void Dispose() => _index.Dispose();

    internal CheckpointTensors Index => _index;

    private void CheckTensors()
    {
        var problems = new ProblemList();
        foreach (var (name, shape) in _expected.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (_index.Contains(name))
                CheckTensor(problems, _index.Entry(name), shape);
            else
                problems.Add($"tensor '{name}': missing, expected {SafetensorsEntry.Text(shape)}");
        }

        foreach (var name in _index.Names.Where(name => !_expected.ContainsKey(name)).Order(StringComparer.Ordinal))
        {
            if (name == MambaShapes.Head && Config.TieWordEmbeddings)
                CheckTensor(problems, _index.Entry(name), _expected[MambaShapes.Embeddings]);
            else
                problems.Add($"tensor '{name}': unknown, found {SafetensorsEntry.Text(_index.Entry(name).Shape)}");
        }

        problems.ThrowIfAny(Path);
    }

    private static void CheckTensor(ProblemList problems, SafetensorsEntry entry, long[] shape)
    {
        if (!entry.Shape.SequenceEqual(shape))
            problems.Add($"tensor '{entry.Name}': found {SafetensorsEntry.Text(entry.Shape)}, expected {SafetensorsEntry.Text(shape)}");
        if (entry.Dtype is not (SafetensorsDtype.F32 or SafetensorsDtype.F16 or SafetensorsDtype.BF16))
            problems.Add($"tensor '{entry.Name}': found dtype {entry.Dtype.Name()}, expected F32, F16 or BF16");
    }

    private void CheckTiedHead()
    {
        if (!Config.TieWordEmbeddings || !_index.Contains(MambaShapes.Head))
            return;
        var (head, embedding) = (_index.Entry(MambaShapes.Head), _index.Entry(MambaShapes.Embeddings));
        var same = head.Dtype == embedding.Dtype;
        const int Block = 1 << 26;
        for (long at = 0; same && at < head.ByteLength; at += Block)
        {
            var length = (int)Math.Min(Block, head.ByteLength - at);
            same = _index.Bytes(MambaShapes.Head, at, length).SequenceEqual(_index.Bytes(MambaShapes.Embeddings, at, length));
        }

        if (!same)
            throw new InvalidCheckpointException(
                $"{Path}: tensor '{MambaShapes.Head}': found other values than {MambaShapes.Embeddings}, expected a copy of it or none, as tie_word_embeddings is true");
    }

    private static string HashFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
