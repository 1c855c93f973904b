using System.Security.Cryptography;
using System.Text;

namespace Sweep.Models.Cuda;

/// <summary>
/// Compiled kernels on disk, by the hash of source, options, architecture and compiler version: $SWEEP_KERNEL_CACHE, else sweep/kernels in the user's cache folder. What cannot be read or
/// written there is compiled again.
/// </summary>
internal sealed class KernelCache(string folder)
{
    public const string Variable = "SWEEP_KERNEL_CACHE";

    public static KernelCache Default { get; } = new(DefaultFolder());

    /// <summary>The machine code, from the folder or from the compiler.</summary>
    public byte[] Get(string name, string source, IReadOnlyList<string> options, string compilerVersion, Func<byte[]> compile)
    {
        var file = Path.Combine(folder, $"{name}-{Key(source, options, compilerVersion)}.cubin");
        if (Read(file) is { } known)
            return known;
        var code = compile();
        Write(file, code);
        return code;
    }

    internal static string Key(string source, IReadOnlyList<string> options, string compilerVersion) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [compilerVersion, .. options, source]))))[..32];

    private static string DefaultFolder() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured
        ? configured
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "sweep", "kernels");

    /// <summary>The code behind its hash; null: there is none, or not all of it.</summary>
    private static byte[]? Read(string file)
    {
        try
        {
            if (!File.Exists(file))
                return null;
            var bytes = File.ReadAllBytes(file);
            return bytes.Length > SHA256.HashSizeInBytes && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes))
                ? bytes[SHA256.HashSizeInBytes..]
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string file, byte[] code)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // Other processes compile the same: the last whole file wins.
            var draft = $"{file}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
            File.WriteAllBytes(draft, [.. SHA256.HashData(code), .. code]);
            File.Move(draft, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next process compiles again.
        }
    }
}
