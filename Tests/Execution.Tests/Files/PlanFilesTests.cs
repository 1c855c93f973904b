using Microsoft.Extensions.Options;
using Sweep.Execution.Files;

namespace Sweep.Execution.Tests.Files;

public sealed class PlanFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sweep-files-").FullName;
    private readonly string _root;

    public PlanFilesTests()
    {
        _root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(Path.Combine(_root, "models", "m"));
        File.WriteAllText(Path.Combine(_root, "inside.txt"), "in");
        File.WriteAllText(Path.Combine(_folder, "outside.txt"), "out");
        File.CreateSymbolicLink(Path.Combine(_root, "leak.txt"), Path.Combine(_folder, "outside.txt"));
        File.CreateSymbolicLink(Path.Combine(_root, "fine.txt"), "inside.txt");
        Directory.CreateSymbolicLink(Path.Combine(_root, "up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "linked-root"), _root);
    }

    [Theory]
    [InlineData("inside.txt", true)]
    [InlineData("models/../inside.txt", true)]
    [InlineData("fine.txt", true)]
    [InlineData("up/root/inside.txt", true)]
    [InlineData("leak.txt", false)]
    [InlineData("../outside.txt", false)]
    [InlineData("up/outside.txt", false)]
    [InlineData("missing.txt", false)]
    [InlineData("", false)]
    [InlineData("models", false)]
    public void FindFile_WithinRoots_FollowsLinksAndStaysInside(string name, bool found)
    {
        var path = Within(false).FindFile(name, out var problem);
        Assert.Equal(found, path is not null);
        Assert.Equal(found, problem.Length == 0);
    }

    [Fact]
    public void FindFile_AbsolutePath_IsFoundOnlyWhereAllowedOrInside()
    {
        var outside = Path.Combine(_folder, "outside.txt");
        Assert.Equal(outside, Within(true).FindFile(outside, out _));
        Assert.Null(Within(false).FindFile(outside, out var problem));
        Assert.Contains("absolute path", problem);
        Assert.NotNull(Within(false).FindFile(Path.Combine(_root, "inside.txt"), out _));
        Assert.NotNull(Within(true).FindFile("../outside.txt", out _));
    }

    [Fact]
    public void FindFolder_RootIsItselfALink_IsFound()
    {
        var files = new PlanFiles(Options.Create(new ResolverOptions { Roots = [Path.Combine(_folder, "linked-root")] }));
        Assert.NotNull(files.FindFolder("models/m", out _));
        Assert.Null(files.FindFolder("inside.txt", out var problem));
        Assert.Equal("found a file of the name 'inside.txt', expected a folder", problem);
    }

    [Fact]
    public void FindFile_TwoRoots_TakesTheFirst()
    {
        File.WriteAllText(Path.Combine(_root, "models", "inside.txt"), "second");
        var files = new PlanFiles(Options.Create(new ResolverOptions { Roots = [Path.Combine(_root, "models"), _root] }));
        Assert.Equal(Path.Combine(_root, "models", "inside.txt"), files.FindFile("inside.txt", out _));
    }

    [Fact]
    public void FindFile_LeadsFromOneRootIntoAnother_IsFound()
    {
        var files = new PlanFiles(Options.Create(new ResolverOptions { Roots = [Path.Combine(_root, "models", "m"), Path.Combine(_root, "models")] }));
        File.WriteAllText(Path.Combine(_root, "models", "second.txt"), "second");
        Assert.Equal(Path.Combine(_root, "models", "second.txt"), files.FindFile("../second.txt", out _));
        Assert.Null(files.FindFile("../../inside.txt", out var problem));
        Assert.Contains("leads out of", problem);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private PlanFiles Within(bool allowAbsolute) =>
        new(Options.Create(new ResolverOptions { Roots = [_root], AllowAbsolutePaths = allowAbsolute }));
}
