using System.Xml.Linq;
using Xunit;

namespace Sweep.Architecture.Tests;

/// <summary>Holds the table "Who may reference whom" of docs/architecture.md against the project files.</summary>
public sealed class ReferenceTableTests
{
    private static readonly Dictionary<string, string[]> Allowed = ReadTable();

    private static readonly string[] Executables = ["Silo", "DashboardHost", "Cli", "Perf"];

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Repository.Root)
        .Select(folder => Path.GetFileName(folder))
        .Where(name => File.Exists(ProjectFile(name)))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_AreThoseOfTheTable(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} is not in the table of docs/architecture.md");
        var found = Items(project, "ProjectReference").Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)!);
        Assert.Empty(found.Except(allowed));
    }

    [Fact]
    public void Table_Projects_AreThoseThatThereAre() =>
        Assert.Equal(Projects.Select(row => row.Data).Order(StringComparer.Ordinal), Allowed.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Grains", "TorchSharp")]
    [InlineData("Dashboard", "TorchSharp")]
    [InlineData("Models", "Microsoft.Orleans")]
    [InlineData("Models", "Microsoft.EntityFrameworkCore")]
    [InlineData("Models", "MassTransit")]
    [InlineData("Contracts", "MassTransit")]
    [InlineData("Grains", "MassTransit")]
    [InlineData("Persistence", "MassTransit")]
    [InlineData("Evaluation", "TorchSharp")]
    [InlineData("Evaluation", "Microsoft.Orleans")]
    [InlineData("Evaluation", "Microsoft.EntityFrameworkCore")]
    [InlineData("Evaluation", "MassTransit")]
    public void Project_Packages_HoldNoneOfTheForbidden(string project, string prefix) =>
        Assert.DoesNotContain(Items(project, "PackageReference"), name => name.StartsWith(prefix, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Library_Natives_AreCarriedByExecutablesOnly(string project)
    {
        if (Executables.Contains(project))
            return;
        Assert.DoesNotContain(Items(project, "PackageReference"), name => name.StartsWith("TorchSharp-", StringComparison.Ordinal) || name.StartsWith("libtorch", StringComparison.Ordinal));
        Assert.DoesNotContain("<CarriesTorch>", File.ReadAllText(ProjectFile(project)), StringComparison.Ordinal);
    }

    /// <summary>From 9 on MassTransit is commercial.</summary>
    [Fact]
    public void MassTransit_Version_IsTheLastFreeOne()
    {
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Where(item => item.Attribute("Include")!.Value.StartsWith("MassTransit", StringComparison.Ordinal)).Select(item => item.Attribute("Version")!.Value).ToList();

        Assert.NotEmpty(versions);
        Assert.All(versions, version => Assert.Matches(@"^8\.\d+\.\d+$", version));
    }

    [Fact]
    public void Folders_Names_HoldNoneThatSaysNothing()
    {
        string[] forbidden = ["Utils", "Helpers", "Common", "Manager", "Managers"];
        var folders = Directory.EnumerateDirectories(Repository.Root, "*", SearchOption.AllDirectories)
            .Select(folder => Path.GetRelativePath(Repository.Root, folder).Split(Path.DirectorySeparatorChar))
            .Where(parts => !parts.Any(part => part is "bin" or "obj" or ".git" or "node_modules"));
        Assert.DoesNotContain(folders, parts => forbidden.Contains(parts[^1]));
    }

    [Fact]
    public void Programs_Length_StaysBelow80Lines()
    {
        foreach (var project in Executables)
            Assert.InRange(File.ReadAllLines(Path.Combine(Repository.Root, project, "Program.cs")).Length, 1, 79);
    }

    /// <summary>The rows "projects | references" under the heading, "nothing" for none.</summary>
    private static Dictionary<string, string[]> ReadTable()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "architecture.md"))
            .SkipWhile(line => line != "## Who may reference whom")
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return rows.SelectMany(row => Words(row[0]), (row, project) => (project, References: row[1] == "nothing" ? [] : Words(row[1])))
            .ToDictionary(pair => pair.project, pair => pair.References);

        static string[] Words(string cell) => cell.Split(',', StringSplitOptions.TrimEntries);
    }

    private static string ProjectFile(string project) => Path.Combine(Repository.Root, project, $"Sweep.{project}.csproj");

    private static IEnumerable<string> Items(string project, string element) =>
        XDocument.Load(ProjectFile(project)).Descendants(element).Select(item => item.Attribute("Include")!.Value);
}
