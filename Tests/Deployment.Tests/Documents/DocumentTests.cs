using System.Text.RegularExpressions;
using Sweep.Deployment.Tests.Rules;
using Xunit;

namespace Sweep.Deployment.Tests.Documents;

/// <summary>What the operators' documents tell people to type exists, and so does what they point to.</summary>
public sealed partial class DocumentTests
{
    /// <summary>Commands that the documents use and that are not written yet. One leaves this list with its class.</summary>
    private static readonly HashSet<string> Awaited = ["audit", "gc", "pause", "resume", "rm", "submit", "watch"];

    private static readonly Lazy<Task<IReadOnlySet<string>>> Commands = new(ReadCommandsAsync);

    public static TheoryData<string> Documents => ["runbook.md", "kubernetes.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Document_Commands_Exist(string name)
    {
        var commands = DocumentedCommand.In(Read(name));
        Assert.NotEmpty(commands);
        var known = await Commands.Value;
        Assert.Empty(commands.Select(command => command.Name).Where(command => !known.Contains(command) && !Awaited.Contains(command)).Distinct());
        foreach (var command in commands.Where(command => known.Contains(command.Name)).GroupBy(command => command.Name))
        {
            var help = (await HelpAsync(command.Key)).Successful($"sweep {command.Key} --help");
            Assert.All(command.SelectMany(found => found.Options).Distinct(), option => Assert.Contains(option, help, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void DocumentedCommands_OfAText_AreFound()
    {
        var commands = DocumentedCommand.In("Then `sweep audit S --store postgres`.\n```\nkubectl -n x exec deploy/y -- sweep gc --older-than 9d  # not --this\n```\n`./sweep` is not one\n");
        Assert.Equal(["audit", "gc"], commands.Select(command => command.Name));
        Assert.Equal(["--store", "--older-than"], commands.SelectMany(command => command.Options));
    }

    [Fact]
    public void Kubernetes_Secrets_AreAllDocumented()
    {
        var text = Read("kubernetes.md");
        foreach (var (secret, keys) in ExternalObjects.Secrets)
        {
            Assert.Contains($"| `{secret}` |", text, StringComparison.Ordinal);
            Assert.All(keys, key => Assert.Contains($"`{key}`", text, StringComparison.Ordinal));
            Assert.Contains($"kubectl -n sweep create secret generic {secret} ", text, StringComparison.Ordinal);
        }
    }

    /// <summary>Files from the repository's root or beside the document; ends of links are headings.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_Links_LeadSomewhere(string name)
    {
        foreach (Match link in Link().Matches(Read(name)))
        {
            var (file, anchor) = (link.Groups[1].Value, link.Groups[2].Value);
            var target = file.Length == 0 ? name : file;
            Assert.True(File.Exists(Path.Combine(Fixtures.Root, "docs", target)), $"{name} links to {target}");
            if (anchor.Length > 0)
                Assert.Contains(anchor, Read(target).Split('\n').Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' ').ToLowerInvariant().Replace(' ', '-')));
        }

        foreach (var path in Paths().Matches(Read(name)).Select(match => match.Groups[1].Value))
            Assert.True(Path.Exists(Path.Combine(Fixtures.Root, path)), $"{name} names {path}");
    }

    private static string Read(string name) => File.ReadAllText(Fixtures.Shipped("docs", name));

    private static Task<ToolResult> HelpAsync(params string[] command)
    {
        // The same configuration as the tests': .../bin/Release/net10.0.
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Tool.RunAsync(Fixtures.Shipped("Cli", "bin", built.Parent!.Name, built.Name, "Sweep.Cli"), [.. command, "--help"]);
    }

    private static async Task<IReadOnlySet<string>> ReadCommandsAsync()
    {
        var help = (await HelpAsync()).Successful("sweep --help");
        var commands = help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim().Split(' ')[0]).Where(word => word.Length > 0).ToHashSet();
        Assert.Contains("migrate", commands);
        return commands;
    }

    [GeneratedRegex(@"\]\(([\w./-]*)(?:#([\w-]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`((?:k8s|Tests|docs|plans)/[A-Za-z0-9._/-]+)`")]
    private static partial Regex Paths();
}
