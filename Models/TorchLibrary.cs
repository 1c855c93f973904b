using System.Runtime.InteropServices;
using Sweep.Models.Cuda;

namespace Sweep.Models;

/// <summary>Loads an existing libtorch before TorchSharp looks for its own: $SWEEP_LIBTORCH names the folder of its libraries.</summary>
public static class TorchLibrary
{
    private const string Expected = "expected the folder with libtorch's libraries (of PyTorch: torch/lib)";

    /// <summary>In the order of their dependencies; those of CUDA only where they are there.</summary>
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>What is wrong with the folder; null: nothing, or none is named.</summary>
    public static string? Preload() => Preload(Environment.GetEnvironmentVariable(CudaLibrary.LibTorchVariable));

    /// <summary>What tells the libtorch that the environment names from others', the size of libtorch_cpu.so in bytes; null: the package's computes.</summary>
    public static long? ForeignBytes() => ForeignBytes(Environment.GetEnvironmentVariable(CudaLibrary.LibTorchVariable));

    internal static long? ForeignBytes(string? folder) =>
        !string.IsNullOrEmpty(folder) && new FileInfo(Path.Combine(folder, "libtorch_cpu.so")) is { Exists: true } library ? library.Length : null;

    internal static string? Preload(string? folder)
    {
        if (string.IsNullOrEmpty(folder))
            return null;
        if (!Directory.Exists(folder))
            return $"{CudaLibrary.LibTorchVariable}: found no folder '{folder}', {Expected}";
        var missing = Libraries.Where(library => !File.Exists(Path.Combine(folder, library))).ToArray();
        if (missing.Except(["libc10_cuda.so", "libtorch_cuda.so"]).Any())
            return $"{CudaLibrary.LibTorchVariable}: found no {missing[0]} in '{folder}', {Expected}";
        foreach (var library in Libraries.Except(missing))
        {
            try
            {
                NativeLibrary.Load(Path.Combine(folder, library));
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                return $"{CudaLibrary.LibTorchVariable}: found a {library} in '{folder}' that does not load ({exception.Message.Split('\n')[^1].Trim()}), "
                    + "expected it with the libraries that it needs beside it or on LD_LIBRARY_PATH";
            }
        }

        return null;
    }
}
