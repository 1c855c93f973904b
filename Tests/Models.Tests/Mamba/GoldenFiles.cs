using System.Text.Json;
using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

/// <summary>Reference outputs beside a checkpoint, where the machine has them: $SWEEP_DATA, else a folder "shared" beside the repository or above.</summary>
internal static class GoldenFiles
{
    public static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("SWEEP_DATA") is { } data)
            return Existing(Path.Combine(data, name)) ?? Existing(Path.Combine(data, "..", name));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", name)) is { } found)
                return found;
        }

        return null;
    }

    public static Dictionary<string, Tensor> Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var header = (int)BitConverter.ToUInt64(bytes);
        using var document = JsonDocument.Parse(bytes.AsMemory(8, header));
        Dictionary<string, Tensor> tensors = [];
        foreach (var entry in document.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
            var from = 8 + header + entry.Value.GetProperty("data_offsets")[0].GetInt32();
            var count = (int)shape.Aggregate(1L, (product, size) => product * size);
            tensors[entry.Name] = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan(from, count * 4)).ToArray(), shape),
                "I64" => tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(bytes.AsSpan(from, count * 8)).ToArray(), shape),
                var dtype => throw new NotSupportedException(dtype),
            };
        }

        return tensors;
    }

    public static MambaConfig ReadConfig(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        var root = document.RootElement;
        int Number(string name) => root.GetProperty(name).GetInt32();
        return new()
        {
            ModelType = "mamba",
            VocabularySize = Number("vocab_size"),
            DModel = Number("hidden_size"),
            LayerCount = Number("num_hidden_layers"),
            DInner = Number("intermediate_size"),
            DState = Number("state_size"),
            DConv = Number("conv_kernel"),
            DtRank = Number("time_step_rank"),
            NormEpsilon = root.GetProperty("layer_norm_epsilon").GetDouble(),
            UseBias = root.GetProperty("use_bias").GetBoolean(),
            UseConvBias = root.GetProperty("use_conv_bias").GetBoolean(),
            ResidualInFp32 = root.GetProperty("residual_in_fp32").GetBoolean(),
            TieWordEmbeddings = root.GetProperty("tie_word_embeddings").GetBoolean(),
            EosTokenIds = [Number("eos_token_id")],
        };
    }

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;
}
