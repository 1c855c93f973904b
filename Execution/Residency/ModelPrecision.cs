using static TorchSharp.torch;

namespace Sweep.Execution.Residency;

/// <summary>A plan's precision: what weights and activations are stored in, and how fp32 factors are multiplied.</summary>
internal static class ModelPrecision
{
    /// <summary>fp32 whose matrix products round their factors to tf32, which CUDA devices multiply several times as fast.</summary>
    public const string Tf32 = "tf32";

    /// <summary>Why the device has none of it; null: it has.</summary>
    /// <param name="precision">"fp32", "tf32", "bf16", "fp16".</param>
    /// <param name="device">"cpu:0", "cuda:1".</param>
    public static string? Problem(string precision, string device) => precision switch
    {
        "fp32" or "bf16" or "fp16" => null,
        Tf32 => device.StartsWith("cuda", StringComparison.Ordinal) ? null : $"precision: found 'tf32' on {device}, expected fp32, or a CUDA device, whose matrix products alone have it",
        _ => $"precision: found '{precision}', expected fp32, tf32, bf16 or fp16",
    };

    public static ScalarType Storage(string precision) => precision switch
    {
        "bf16" => ScalarType.BFloat16,
        "fp16" => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>Of one stored number.</summary>
    public static int Bytes(string precision) => Storage(precision) == ScalarType.Float32 ? 4 : 2;
}
