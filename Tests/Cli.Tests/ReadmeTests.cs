using Sweep.Tests;
using Xunit;

namespace Sweep.Cli.Tests;

/// <summary>What the documents tell a user to type is what the command takes.</summary>
public sealed class ReadmeTests
{
    public static TheoryData<string> Documents =>
        ["README.md", "CONTRIBUTING.md", "plans/README.md", "docs/architecture.md", "docs/architectures.md", "docs/data.md", "docs/gpu.md", "docs/identify.md", "docs/models.md", "docs/tasks.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_Commands_AreUnderstood(string document)
    {
        foreach (var line in File.ReadLines(Fixtures.Shipped(document.Split('/'))).Where(line => line.StartsWith("./sweep ", StringComparison.Ordinal)))
        {
            var words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            Assert.True(CommandLine.Create().Parse(words).Errors.Count == 0, $"{document}: '{line}' is not understood");
        }
    }

    [Fact]
    public void Readme_Commands_AreAllThereAre()
    {
        var readme = File.ReadAllText(Fixtures.Shipped("README.md"));

        Assert.All(CommandLine.Create().Subcommands, command => Assert.Contains($"./sweep {command.Name}", readme, StringComparison.Ordinal));
    }
}
