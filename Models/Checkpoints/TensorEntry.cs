using TorchSharp;

namespace Sweep.Models.Checkpoints;

/// <summary>One tensor of a safetensors file: dtype, shape, and where its bytes lie, [Begin, End) from the end of the header.</summary>
public sealed record TensorEntry
{
    public required string Name { get; init; }

    public required string Dtype { get; init; }

    public required IReadOnlyList<long> Shape { get; init; }

    public required long Begin { get; init; }

    public required long End { get; init; }

    /// <summary>"F32 [3, 4]".</summary>
    public string Form => $"{Dtype} [{string.Join(", ", Shape)}]";
}

/// <summary>The dtypes of the safetensors format that torch has, with their sizes in bytes.</summary>
internal static class SafetensorsDtype
{
    private static readonly Dictionary<string, (torch.ScalarType Type, int Size)> Known = new(StringComparer.Ordinal)
    {
        ["F64"] = (torch.ScalarType.Float64, 8),
        ["F32"] = (torch.ScalarType.Float32, 4),
        ["F16"] = (torch.ScalarType.Float16, 2),
        ["BF16"] = (torch.ScalarType.BFloat16, 2),
        ["I64"] = (torch.ScalarType.Int64, 8),
        ["I32"] = (torch.ScalarType.Int32, 4),
        ["I16"] = (torch.ScalarType.Int16, 2),
        ["I8"] = (torch.ScalarType.Int8, 1),
        ["U8"] = (torch.ScalarType.Byte, 1),
        ["BOOL"] = (torch.ScalarType.Bool, 1),
    };

    public static string Names => string.Join(", ", Known.Keys);

    public static int? SizeOf(string dtype) => Known.TryGetValue(dtype, out var known) ? known.Size : null;

    public static torch.ScalarType TypeOf(string dtype) => Known[dtype].Type;

    public static string NameOf(torch.ScalarType type) => Known.First(pair => pair.Value.Type == type).Key;
}
