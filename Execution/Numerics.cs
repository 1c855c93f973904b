using Sweep.Models;

namespace Sweep.Execution;

/// <summary>Device kind and engine revision of results; a change that moves a bit of any result takes a new revision.</summary>
public static class Numerics
{
    /// <summary>A row's bits depend on nothing but the row.</summary>
    public const string Cpu = "cpu/1";

    /// <summary>Our kernels and cuBLASLt on a GPU, whose matrix products depend on the shape of the pass: every steered row carries its pair. (cuda/1 was plain torch, cuda/2 took the steps of decoding one by one.)</summary>
    public const string Cuda = "cuda/5";

    /// <summary>What results of this device are made with: "cpu/1", "cuda/5"; "cpu/1+1dd0c3f8" of a processor with the libtorch that SWEEP_LIBTORCH names, whose products cut rows by their company.</summary>
    /// <param name="device">"cpu:0", "cuda:1".</param>
    public static string Of(string device) => Of(device, TorchLibrary.ForeignBytes());

    internal static string Of(string device, long? foreignBytes) =>
        device.StartsWith("cuda", StringComparison.Ordinal) ? Cuda : foreignBytes is { } bytes ? $"{Cpu}+{bytes:x}" : Cpu;
}
