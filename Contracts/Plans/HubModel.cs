namespace Sweep.Contracts.Plans;

/// <summary>A model that a hub has: hf:ORG/NAME, or hf:ORG/NAME@REVISION with a branch, a tag or a commit.</summary>
/// <param name="Organisation">Who published it.</param>
/// <param name="Name">What it is called there.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
public sealed record HubModel(string Organisation, string Name, string Revision)
{
    public const string Prefix = "hf:";
    public const string MainRevision = "main";
    private const string Expected = "hf:ORG/NAME or hf:ORG/NAME@REVISION, in letters, digits, '-', '_' and '.'";
    private const int LongestName = 96;
    private const int LongestRevision = 200;
    private const int CommitLength = 40;

    /// <summary>ORG/NAME.</summary>
    public string Repository => $"{Organisation}/{Name}";

    /// <summary>The revision is a commit, so that the name stands for the same files for ever.</summary>
    public bool IsPinned => IsCommit(Revision);

    /// <summary>Whether a plan's model is a hub's, and no folder.</summary>
    public static bool IsNamedBy(string model) => model.StartsWith(Prefix, StringComparison.Ordinal);

    public static bool IsCommit(string revision) => revision.Length == CommitLength && revision.All(char.IsAsciiHexDigitLower);

    /// <param name="text">With "hf:" or without.</param>
    /// <param name="problem">Found and expected; empty: none.</param>
    /// <returns>Null: the text is no such name.</returns>
    public static HubModel? Parse(string text, out string problem)
    {
        var name = IsNamedBy(text) ? text[Prefix.Length..] : text;
        var at = name.IndexOf('@', StringComparison.Ordinal);
        var (repository, revision) = at < 0 ? (name, MainRevision) : (name[..at], name[(at + 1)..]);
        var parts = repository.Split('/');
        if (parts.Length == 2 && parts.All(IsName) && IsRevision(revision))
        {
            problem = "";
            return new HubModel(parts[0], parts[1], revision);
        }

        problem = $"found {PlanChecks.Shown(text)}, expected {Expected}";
        return null;
    }

    /// <summary>What results call a plan's model: a folder's name, or NAME, or NAME@REVISION where the plan says one.</summary>
    public static string ResultName(string model)
    {
        if (!IsNamedBy(model))
            return Path.GetFileName(model.TrimEnd('/', '\\'));
        var parts = model.Split('@', 2);
        var name = parts[0][(parts[0].LastIndexOf('/') + 1)..];
        return parts.Length == 1 ? name : $"{name}@{parts[1].Replace('/', '-')}";
    }

    public override string ToString() => $"{Prefix}{Repository}@{Revision}";

    // Both become names of folders.
    private static bool IsName(string part) => part.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(part[0]) && part.All(IsNameLetter) && !part.Contains("..", StringComparison.Ordinal);

    private static bool IsNameLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.';

    private static bool IsRevision(string revision) =>
        revision.Length is > 0 and <= LongestRevision && revision.Split('/').All(part => part.Length > 0 && part[0] != '.' && part.All(IsNameLetter) && !part.Contains("..", StringComparison.Ordinal));
}
