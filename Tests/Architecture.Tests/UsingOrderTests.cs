using Xunit;

namespace Sweep.Architecture.Tests;

/// <summary>The order of using directives, as `dotnet format` makes it: the build checks style, and `dotnet format whitespace` reads no names.</summary>
public sealed class UsingOrderTests
{
    [Fact]
    public void Usings_OfEveryFile_StandInOrder()
    {
        var files = Repository.Sources("", ".cs").ToArray();
        Assert.True(files.Length > 1_000, $"found {files.Length} files");
        string[] wrong = [.. files.Where(file => !Usings(file.Text).SequenceEqual(Ordered(file.Text))).Select(file => $"{file.Path}: expected {string.Join(' ', Ordered(file.Text))}")];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Usings_OutOfOrder_AreSeen()
    {
        string[] kinds = ["using System;", "using Abc;", "using static Abc.Def;", "using Short = Abc.Def;"];
        Assert.Equal([0, 1, 2, 3], kinds.Select(Kind));
        Assert.True(Compare(Name("using Sweep.Models;"), Name("using Sweep.Models.Cuda;")) < 0);
        Assert.True(Compare(Name("using Sweep.Tests.Hub;"), Name("using Sweep.Tests;")) > 0);
        Assert.True(Compare(Name("using Npgsql;"), Name("using NpgsqlTypes;")) < 0);
        Assert.Equal(["using B;", "using A;"], Usings("using B;\nusing A;\n\nnamespace C;\nusing var d = e;\n"));
    }

    /// <summary>The directives before anything else.</summary>
    private static IEnumerable<string> Usings(string text) => text.Split('\n').TakeWhile(line => line.Length == 0 || line.StartsWith("using ", StringComparison.Ordinal)).Where(line => line.Length > 0);

    private static IEnumerable<string> Ordered(string text) => Usings(text).OrderBy(Kind).ThenBy(Name, Comparer<string[]>.Create(Compare));

    private static int Kind(string directive) => directive switch
    {
        _ when directive.Contains('=', StringComparison.Ordinal) => 3,
        _ when directive.StartsWith("using static ", StringComparison.Ordinal) => 2,
        _ when Name(directive)[0] == "System" => 0,
        _ => 1,
    };

    private static string[] Name(string directive) => directive.TrimEnd(';').Split(' ', StringSplitOptions.RemoveEmptyEntries)[directive.StartsWith("using static ", StringComparison.Ordinal) ? 2 : 1].Split('.');

    private static int Compare(string[] one, string[] other) =>
        one.Zip(other).Select(pair => string.Compare(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase)).FirstOrDefault(order => order != 0) is var order && order != 0 ? order : one.Length - other.Length;
}
