using System.Text.RegularExpressions;
using Xunit;

namespace Sweep.Architecture.Tests;

/// <summary>A new architecture is a folder of Models and a line of its catalog: nothing else may ask which one a model has.</summary>
public sealed partial class ModelTypeTests
{
    private static readonly string Catalog = Path.Combine("Models", "Architectures", "ArchitectureCatalog.cs");

    /// <summary>Folder and model_type of each registered architecture, by its declaration.</summary>
    private static readonly Dictionary<string, string> Registered = Sources("Models")
        .Select(file => (Folder: Path.GetFileName(Path.GetDirectoryName(file.Path)!), Match: Declaration().Match(file.Text)))
        .Where(pair => pair.Match.Success)
        .ToDictionary(pair => pair.Folder, pair => pair.Match.Groups[1].Value);

    private static readonly string[] Programs = ["Models", "Execution", "Contracts", "Grains", "Hosting", "Persistence", "Dashboard", "Cli", "Evaluation", "Silo", "DashboardHost"];

    [Fact]
    public void Catalog_Lines_AreTheFoldersThatDeclareAModelType()
    {
        var lines = CatalogLine().Matches(File.ReadAllText(Path.Combine(Repository.Root, Catalog))).Select(match => match.Groups[1].Value);

        Assert.Equal(Registered.Keys.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
        Assert.True(Registered.Count >= 3);
    }

    [Fact]
    public void ModelType_AsAWord_StandsInItsOwnFolderOnly()
    {
        foreach (var (folder, modelType) in Registered)
        {
            var places = Programs.SelectMany(Sources).Where(file => file.Text.Contains($"\"{modelType}\"", StringComparison.Ordinal)).Select(file => Path.GetDirectoryName(file.Path)!);
            Assert.All(places, place => Assert.Equal(Path.Combine("Models", folder), place));
        }
    }

    /// <summary>By its value, or by the type of its config, block or weights.</summary>
    [Fact]
    public void Architecture_OfAModel_IsAskedForNowhereElse()
    {
        string[] names = [.. Registered.Keys.SelectMany(folder => (string[])[$"{folder}Config", $"{folder}Block", $"{folder}LayerWeights", $"{folder}Architecture"])];
        var asks = new Regex($@"\b(?:switch|case|is|as)\s*(?:\(|not\s+)?\s*(?:{string.Join('|', names)})\b|\b(?:{string.Join('|', names)})\s*(?:\{{[^}}]*\}}\s*)?\w*\s*=>|ModelType\s+(?:switch|is)\b|ModelType\s*[!=]=|switch\s*\([^)]*ModelType", RegexOptions.CultureInvariant);
        foreach (var (path, text) in Programs.SelectMany(Sources))
        {
            var folder = Path.GetFileName(Path.GetDirectoryName(path)!);
            var found = asks.Match(text);
            Assert.True(!found.Success || Registered.ContainsKey(folder) || path == Catalog, $"{path}: found '{found.Value}', which asks for an architecture outside of its folder");
        }
    }

    private static IEnumerable<(string Path, string Text)> Sources(string project) => Repository.Sources(project, ".cs", ".razor");

    [GeneratedRegex("""override string ModelType => "([a-z0-9_]+)";""")]
    private static partial Regex Declaration();

    [GeneratedRegex("""\b(\w+)Architecture\.Instance""")]
    private static partial Regex CatalogLine();
}
