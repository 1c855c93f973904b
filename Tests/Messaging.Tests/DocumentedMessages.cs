using System.Text.RegularExpressions;
using Sweep.Tests;

namespace Sweep.Messaging.Tests;

/// <summary>docs/messages.md, read as a reader would copy from it.</summary>
internal static partial class DocumentedMessages
{
    public static string Text { get; } = File.ReadAllText(Fixtures.Shipped("docs", "messages.md")).ReplaceLineEndings("\n");

    /// <summary>The JSON under each message's heading.</summary>
    public static IReadOnlyDictionary<string, string> Examples { get; } =
        Example().Matches(Text).ToDictionary(match => match.Groups["message"].Value, match => match.Groups["json"].Value, StringComparer.Ordinal);

    public static string Python { get; } = Script().Match(Text).Groups["script"].Value;

    [GeneratedRegex(@"^### (?<message>\w+)\n(?:(?!^#).*\n)*?```json\n(?<json>(?:(?!```).*\n)+)```", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```python\n(?<script>(?:(?!```).*\n)+)```")]
    private static partial Regex Script();
}
