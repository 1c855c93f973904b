using System.Text.RegularExpressions;

namespace Sweep.Deployment.Tests.Documents;

/// <summary>A `sweep …` that a document tells its reader to type.</summary>
/// <param name="Name">migrate, audit ...</param>
/// <param name="Options">Those that begin with two dashes.</param>
internal sealed partial record DocumentedCommand(string Name, IReadOnlyList<string> Options)
{
    public static IReadOnlyList<DocumentedCommand> In(string markdown)
    {
        var found = new List<DocumentedCommand>();
        var isCode = false;
        foreach (var line in markdown.Split('\n'))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            else
                found.AddRange((isCode ? [line.Split('#')[0]] : Inline().Matches(line).Select(match => match.Groups[1].Value)).SelectMany(Parse));
        }

        return found;
    }

    private static IEnumerable<DocumentedCommand> Parse(string code) =>
        Command().Matches(code).Select(match => new DocumentedCommand(match.Groups[1].Value, [.. Option().Matches(match.Groups[2].Value).Select(option => option.Value)]));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Inline();

    /// <summary>At the start of a line, or after what runs it in a container.</summary>
    [GeneratedRegex(@"(?:^|-- |silo )\s*sweep ([a-z][a-z-]*)(.*)$")]
    private static partial Regex Command();

    [GeneratedRegex("--[a-z][a-z-]*")]
    private static partial Regex Option();
}
