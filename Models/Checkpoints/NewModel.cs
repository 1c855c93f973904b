using System.Buffers.Binary;
using System.Text.Json;
using Sweep.Models.Architectures;
using Sweep.Models.Text;

namespace Sweep.Models.Checkpoints;

/// <summary>Writes a model folder with random weights: the same arguments give the same bytes. Such a model has learnt nothing; it is for tests and measurements.</summary>
public static class NewModel
{
    private const double EmbeddingDeviation = 0.02;
    private const int VocabularyMultiple = 16;

    /// <summary>What says something about a tokenizer beside the file that holds it.</summary>
    private static readonly string[] TokenizerRemarks = ["tokenizer_config.json", "special_tokens_map.json"];

    /// <summary>Names of the sizes of an architecture, smallest first.</summary>
    public static IReadOnlyList<string> Sizes(Architecture architecture) => [.. architecture.Sizes.Keys];

    /// <param name="target">Must not exist, or be empty.</param>
    /// <param name="architecture">One of <see cref="ArchitectureCatalog.All"/>.</param>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="seed">Of all weights; a tensor's depend on it and the tensor's name.</param>
    /// <param name="tokenizer">A folder whose tokenizer is copied, and whose config.json, if it has one, says which token ends a text; null: <see cref="ByteTokenizer"/>.</param>
    /// <exception cref="InvalidCheckpointException">The target is in use, there is no such size, or the tokenizer is broken or has more tokens than the size.</exception>
    public static ModelConfig Write(string target, Architecture architecture, string size, ulong seed, string? tokenizer = null)
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new InvalidCheckpointException($"{target}: found something there, expected a new or empty folder");
        var config = Fitted(architecture, size, tokenizer);
        var partial = Path.TrimEndingDirectorySeparator(target) + ".partial";
        Directory.CreateDirectory(partial);
        try
        {
            if (tokenizer is null)
                ByteTokenizer.Write(TokenizerFiles.Find(partial));
            else
                Copy(tokenizer, partial);
            WriteConfig(Path.Combine(partial, "config.json"), config);
            SafetensorsWriter.Write(
                Path.Combine(partial, CheckpointTensors.SingleFile), Tensors(config, seed), new Dictionary<string, string> { ["format"] = "pt" });
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(partial, target);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }

        return config;
    }

    /// <summary>Bytes of the weights that <see cref="Write"/> would write.</summary>
    public static long Bytes(Architecture architecture, string size) => MambaShapes.ParameterCount(Sized(architecture, size)) * sizeof(float);

    private static ModelConfig Sized(Architecture architecture, string size) => architecture.Sizes.TryGetValue(size, out var config)
        ? config
        : throw new InvalidCheckpointException($"size: found '{size}', expected one of {architecture.ModelType}'s: {string.Join(", ", architecture.Sizes.Keys)}");

    /// <summary>The smallest size takes the tokenizer's vocabulary; a published one keeps its own.</summary>
    private static ModelConfig Fitted(Architecture architecture, string size, string? tokenizer)
    {
        var config = Sized(architecture, size);
        if (tokenizer is null)
            return config with { EosTokenIds = [0] };
        var path = TokenizerFiles.Find(tokenizer);
        var tokens = TextTokenizer.Load(path).MaxId + 1;
        var end = Path.Combine(tokenizer, "config.json");
        config = config with { EosTokenIds = File.Exists(end) ? ConfigFile.Read(end).EosTokenIds : [] };
        if (size == architecture.Sizes.Keys.First())
            return config with { VocabularySize = (tokens + VocabularyMultiple - 1) / VocabularyMultiple * VocabularyMultiple };
        return tokens <= config.VocabularySize
            ? config
            : throw new InvalidCheckpointException($"{path}: found {tokens} tokens, expected at most {config.VocabularySize}, the vocabulary of {architecture.ModelType} {size}");
    }

    private static void Copy(string source, string target)
    {
        foreach (var name in TokenizerRemarks.Prepend(Path.GetFileName(TokenizerFiles.Find(source))).Where(name => File.Exists(Path.Combine(source, name))))
            File.WriteAllBytes(Path.Combine(target, name), File.ReadAllBytes(Path.Combine(source, name)));
    }

    private static void WriteConfig(string path, ModelConfig config)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue(config.Architecture.TransformersClass);
        json.WriteEndArray();
        json.WriteString("model_type", config.ModelType);
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("hidden_size", config.DModel);
        json.WriteNumber("num_hidden_layers", config.LayerCount);
        json.WriteNumber("state_size", config.DState);
        json.WriteNumber("conv_kernel", config.DConv);
        config.Architecture.WriteConfig(json, config);
        json.WriteBoolean("use_bias", config.UseBias);
        json.WriteBoolean("use_conv_bias", config.UseConvBias);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("layer_norm_epsilon", config.NormEpsilon);
        json.WriteBoolean("residual_in_fp32", config.ResidualInFp32);
        json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
        json.WriteStartArray("eos_token_id");
        foreach (var id in config.EosTokenIds)
            json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteString("dtype", "float32");
        json.WriteEndObject();
    }

    private static IEnumerable<SafetensorsSource> Tensors(ModelConfig config, ulong seed)
    {
        long v = config.VocabularySize, d = config.DModel;
        yield return Source(MambaShapes.Embeddings, [v, d], Filling.Normal(EmbeddingDeviation), seed);
        yield return Source("backbone.norm_f.weight", [d], Filling.Constant(1), seed);
        if (!config.TieWordEmbeddings)
            yield return Source(MambaShapes.Head, [v, d], Filling.Normal(EmbeddingDeviation), seed);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = $"backbone.layers.{layer}.";
            yield return Source(prefix + "norm.weight", [d], Filling.Constant(1), seed);
            foreach (var tensor in config.Architecture.MixerTensors(config))
                yield return Source($"{prefix}mixer.{tensor.Name}", tensor.Shape, tensor.Filling, seed);
        }
    }

    private static SafetensorsSource Source(string name, long[] shape, Filling filling, ulong seed) => new()
    {
        Name = name,
        Dtype = SafetensorsDtype.F32,
        Shape = shape,
        Write = stream =>
        {
            var drawing = new Drawing(seed, name);
            var count = shape.Aggregate(1L, (product, size) => product * size);
            var buffer = new byte[(int)Math.Min(count, 1 << 16) * sizeof(float)];
            while (drawing.Index < count)
            {
                var values = (int)Math.Min(buffer.Length / sizeof(float), count - drawing.Index);
                for (var at = 0; at < values; at++, drawing.Index++)
                    BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(at * sizeof(float)), (float)filling.Value(drawing));
                stream.Write(buffer, 0, values * sizeof(float));
            }
        },
    };
}
