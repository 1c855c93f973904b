using System.Runtime.InteropServices;

namespace Sweep.Models.Cuda;

/// <summary>
/// The libraries of CUDA that kernels need beside libtorch: looked for under the names of several versions where the loader looks, then in the folder that $SWEEP_LIBTORCH names, then in
/// the folders nvidia/*/lib beside PyTorch's own, where pip puts them.
/// </summary>
internal static class CudaLibrary
{
    public const string LibTorchVariable = "SWEEP_LIBTORCH";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Loaded = new(StringComparer.Ordinal);

    /// <summary>The library's handle.</summary>
    /// <exception cref="CudaException">It is nowhere; the message says where it was looked for.</exception>
    public static nint Load(string name, IReadOnlyList<string> files)
    {
        lock (Gate)
        {
            if (Loaded.TryGetValue(name, out var known))
                return known;
            var folders = Folders(Environment.GetEnvironmentVariable(LibTorchVariable)).ToArray();
            foreach (var path in files.Concat(folders.SelectMany(folder => files.Select(file => Path.Combine(folder, file)))))
            {
                if (NativeLibrary.TryLoad(path, out var handle))
                    return Loaded[name] = handle;
            }

            throw new CudaException(
                $"{name}: found none of {string.Join(", ", files)} where the loader looks{(folders.Length == 0 ? "" : $" nor in {string.Join(", ", folders)}")}, "
                + $"expected it beside the driver, on LD_LIBRARY_PATH or beside the libtorch that ${LibTorchVariable} names");
        }
    }

    /// <summary>A function of it as a pointer.</summary>
    public static nint Function(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out var function) ? function : throw new CudaException($"{name}: the library has no such function");

    internal static IEnumerable<string> Folders(string? libTorch)
    {
        if (string.IsNullOrEmpty(libTorch) || !Directory.Exists(libTorch))
            return [];
        // torch/lib → site-packages/nvidia/cu13/lib and its like.
        var nvidia = Path.GetFullPath(Path.Combine(libTorch, "..", "..", "nvidia"));
        string[] wheels = Directory.Exists(nvidia) ? [.. Directory.GetDirectories(nvidia).Select(folder => Path.Combine(folder, "lib")).Where(Directory.Exists).Order(StringComparer.Ordinal)] : [];
        return [Path.GetFullPath(libTorch), .. wheels];
    }
}
