using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sweep.Evaluation.Metrics;

/// <summary>One instruction of an IFEval prompt.</summary>
/// <param name="Kind">For instance "punctuation:no_comma".</param>
/// <param name="Arguments">Its kwargs without nulls.</param>
public sealed record Instruction(string Kind, IReadOnlyDictionary<string, JsonElement> Arguments);

/// <summary>
/// IFEval's checks (Zhou et al. 2023): strict on the response as it is; loose on eight variants of it (without first line, last line, both; each with and without
/// asterisks). An empty response keeps to nothing.
/// </summary>
public static partial class IfevalMetric
{
    private static readonly Dictionary<string, Func<Instruction, string, bool>> Checks = new(StringComparer.Ordinal)
    {
        ["punctuation:no_comma"] = (_, response) => !response.Contains(',', StringComparison.Ordinal),
        ["change_case:english_capital"] = (_, response) => response.Any(char.IsUpper) && !response.Any(char.IsLower) && MayBeEnglish(response),
        ["change_case:english_lowercase"] = (_, response) => response.Any(char.IsLower) && !response.Any(char.IsUpper) && MayBeEnglish(response),
        ["keywords:existence"] = (instruction, response) => Keywords(instruction).All(keyword => Regex.IsMatch(response, Regex.Escape(keyword), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)),
        ["detectable_format:number_bullet_lists"] = (instruction, response) =>
            Bullets().Count(response) + Dashes().Count(response) == instruction.Arguments["num_bullets"].GetInt32(),
        ["startend:end_checker"] = (instruction, response) =>
            response.Trim().Trim('"').ToLowerInvariant().EndsWith(instruction.Arguments["end_phrase"].GetString()!.Trim().ToLowerInvariant(), StringComparison.Ordinal),
    };

    public static IReadOnlyCollection<string> Kinds => Checks.Keys;

    /// <summary>One verdict an instruction, strict and loose.</summary>
    public static (bool[] Strict, bool[] Loose) Check(IReadOnlyList<Instruction> instructions, string response)
    {
        var variants = Variants(response);
        return ([.. instructions.Select(instruction => Keeps(instruction, response))],
            [.. instructions.Select(instruction => variants.Any(variant => Keeps(instruction, variant)))]);
    }

    /// <summary>What is wrong with an instruction's arguments; null: nothing.</summary>
    internal static (string Found, string Expected)? Problem(Instruction instruction) => instruction.Kind switch
    {
        "keywords:existence" when !(Has(instruction, "keywords", JsonValueKind.Array) && HasWords(instruction.Arguments["keywords"])) => ("no keywords", "keywords: a list of words"),
        "detectable_format:number_bullet_lists" when !(Has(instruction, "num_bullets", JsonValueKind.Number) && instruction.Arguments["num_bullets"].TryGetInt32(out _)) => ("no num_bullets", "num_bullets: a whole number"),
        "startend:end_checker" when !Has(instruction, "end_phrase", JsonValueKind.String) => ("no end_phrase", "end_phrase: a text"),
        _ => null,
    };

    private static bool Keeps(Instruction instruction, string response) => response.Trim().Length > 0 && Checks[instruction.Kind](instruction, response);

    private static string[] Variants(string response)
    {
        var lines = response.Split('\n');
        string[] plain =
        [
            response,
            string.Join('\n', lines.Skip(1)).Trim(),
            string.Join('\n', lines.SkipLast(1)).Trim(),
            string.Join('\n', lines.Skip(1).SkipLast(1)).Trim(),
        ];
        return [.. plain, .. plain.Select(variant => variant.Replace("*", "", StringComparison.Ordinal))];
    }

    /// <summary>
    /// The official checkers detect the language statistically, which on a word or two is often wrong. Here a text is English unless most of its letters are outside
    /// the Latin script.
    /// </summary>
    private static bool MayBeEnglish(string response)
    {
        const char LastLatin = '\u024F';
        return response.Count(c => char.IsLetter(c) && c <= LastLatin) * 2 >= response.Count(char.IsLetter);
    }

    private static bool HasWords(JsonElement list) =>
        list.GetArrayLength() > 0 && list.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String && word.GetString()!.Length > 0);

    private static bool Has(Instruction instruction, string name, JsonValueKind kind) => instruction.Arguments.TryGetValue(name, out var value) && value.ValueKind == kind;

    private static IEnumerable<string> Keywords(Instruction instruction) => instruction.Arguments["keywords"].EnumerateArray().Select(keyword => keyword.ToString());

    [GeneratedRegex(@"^\s*\*[^\*].*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Bullets();

    [GeneratedRegex(@"^\s*-.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Dashes();
}
