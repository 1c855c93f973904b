namespace Sweep.Models.Checkpoints;

/// <summary>One tensor of a safetensors file, as its checked header describes it.</summary>
public sealed record SafetensorsEntry
{
    public required string Name { get; init; }

    public required SafetensorsDtype Dtype { get; init; }

    /// <summary>Empty for a scalar; a size may be 0.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>First byte, counted from the end of the header.</summary>
    public required long Begin { get; init; }

    /// <summary>Bytes: the product of the shape times the size of an element.</summary>
    public required long ByteLength { get; init; }

    internal static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
