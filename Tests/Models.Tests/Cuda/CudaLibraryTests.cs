using Sweep.Models.Cuda;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Cuda;

/// <summary>What is said where a library is missing or is none, on a machine without any.</summary>
public sealed class CudaLibraryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Preload_NoFolderNamed_IsNoProblem()
    {
        Assert.Null(TorchLibrary.Preload(null));
        Assert.Null(TorchLibrary.Preload(""));
    }

    [Fact]
    public void Preload_FolderThatIsNotThere_NamesIt() =>
        Assert.Equal("SWEEP_LIBTORCH: found no folder '/nowhere/lib', expected the folder with libtorch's libraries (of PyTorch: torch/lib)", TorchLibrary.Preload("/nowhere/lib"));

    [Fact]
    public void Preload_FolderWithoutALibrary_NamesTheFirstThatIsMissing()
    {
        _folder.Write("libc10.so", "");
        Assert.Equal($"SWEEP_LIBTORCH: found no libtorch_cpu.so in '{_folder.Path}', expected the folder with libtorch's libraries (of PyTorch: torch/lib)", TorchLibrary.Preload(_folder.Path));
    }

    [Fact]
    public void Preload_LibraryThatIsNone_SaysSoInOneLine()
    {
        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            _folder.Write(name, "no library");
        var problem = TorchLibrary.Preload(_folder.Path)!;
        Assert.StartsWith($"SWEEP_LIBTORCH: found a libc10.so in '{_folder.Path}' that does not load (", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ForeignBytes_OfAFolder_AreThoseOfItsLibtorch()
    {
        Assert.Null(TorchLibrary.ForeignBytes(null));
        Assert.Null(TorchLibrary.ForeignBytes(_folder.Path));
        _folder.Write("libtorch_cpu.so", "no library");
        Assert.Equal(10, TorchLibrary.ForeignBytes(_folder.Path));
    }

    [Fact]
    public void Load_LibraryThatIsNowhere_SaysWhereItWasLookedFor()
    {
        var message = Assert.Throws<CudaException>(() => CudaLibrary.Load("Nothing", ["libnothing.so.9", "libnothing.so"])).Message;
        Assert.StartsWith("Nothing: found none of libnothing.so.9, libnothing.so where the loader looks", message, StringComparison.Ordinal);
        Assert.EndsWith("expected it beside the driver, on LD_LIBRARY_PATH or beside the libtorch that $SWEEP_LIBTORCH names", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_OfAnInstalledPyTorch_AreItsOwnAndThoseOfTheWheels()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "torch", "lib"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "nvidia", "cu13", "lib"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "nvidia", "empty"));
        Assert.Equal(
            [Path.Combine(_folder.Path, "torch", "lib"), Path.Combine(_folder.Path, "nvidia", "cu13", "lib")],
            CudaLibrary.Folders(Path.Combine(_folder.Path, "torch", "lib")));
        Assert.Empty(CudaLibrary.Folders(Path.Combine(_folder.Path, "nowhere")));
    }

    [Fact]
    public void Cache_SameSourceAndOptions_CompilesOnce()
    {
        var cache = new KernelCache(Path.Combine(_folder.Path, "kernels"));
        var compiled = 0;
        byte[] Get(string source, string option, string version) => cache.Get("scan", source, [option], version, () => [1, 2, (byte)++compiled]);
        Assert.Equal([1, 2, 1], Get("a", "-DN=1", "13.0"));
        Assert.Equal([1, 2, 1], Get("a", "-DN=1", "13.0"));
        Assert.Equal([1, 2, 2], Get("b", "-DN=1", "13.0"));
        Assert.Equal([1, 2, 3], Get("a", "-DN=2", "13.0"));
        Assert.Equal([1, 2, 4], Get("a", "-DN=1", "13.1"));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(_folder.Path, "kernels")).Length);
    }

    [Fact]
    public void Cache_FileThatIsNotWhole_IsCompiledAgain()
    {
        var cache = new KernelCache(_folder.Path);
        cache.Get("scan", "a", [], "13.0", () => [1, 2, 3]);
        var file = Assert.Single(Directory.GetFiles(_folder.Path));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        Assert.Equal([4, 5], cache.Get("scan", "a", [], "13.0", () => [4, 5]));
        Assert.Equal([4, 5], cache.Get("scan", "a", [], "13.0", () => throw new InvalidOperationException("it is there")));
    }

    [Fact]
    public void Cache_FolderThatCannotBe_CompilesAllTheSame()
    {
        var cache = new KernelCache(Path.Combine(_folder.Write("file", ""), "kernels"));
        Assert.Equal([7], cache.Get("scan", "a", [], "13.0", () => [7]));
    }
}
