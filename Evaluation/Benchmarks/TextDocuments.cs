namespace Sweep.Evaluation.Benchmarks;

/// <summary>
/// Splits plain text into documents: at title lines of WikiText (" = Title = ", one equals sign a side) where there is one, else at blank lines.
/// A document keeps its own lines as they are, without blank lines at its ends.
/// </summary>
public static class TextDocuments
{
    public static IReadOnlyList<string> Split(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var titled = lines.Any(IsTitle);
        var documents = new List<string>();
        var current = new List<string>();
        foreach (var line in lines)
        {
            if (titled ? IsTitle(line) : string.IsNullOrWhiteSpace(line))
                Close();
            if (titled || !string.IsNullOrWhiteSpace(line))
                current.Add(line);
        }

        Close();
        return documents;

        void Close()
        {
            var first = current.FindIndex(line => !string.IsNullOrWhiteSpace(line));
            var last = current.FindLastIndex(line => !string.IsNullOrWhiteSpace(line));
            if (first >= 0)
                documents.Add(string.Join('\n', current.GetRange(first, last - first + 1)));
            current.Clear();
        }
    }

    internal static bool IsTitle(string line)
    {
        var text = line.Trim();
        return text.Length > 4
            && text.StartsWith("= ", StringComparison.Ordinal) && text.EndsWith(" =", StringComparison.Ordinal)
            && !text.StartsWith("= =", StringComparison.Ordinal) && !text.EndsWith("= =", StringComparison.Ordinal);
    }
}
