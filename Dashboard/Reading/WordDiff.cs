namespace Sweep.Dashboard.Reading;

/// <summary>What a text has that another has not, word by word.</summary>
internal static class WordDiff
{
    /// <summary>Longer texts are shown whole, without marks: the table below grows with both lengths.</summary>
    private const int MostWords = 600;

    public static (IReadOnlyList<DiffPart> Before, IReadOnlyList<DiffPart> After) Of(string before, string after)
    {
        var (old, now) = (Words(before), Words(after));
        if (old.Count > MostWords || now.Count > MostWords)
            return ([new DiffPart(before, before != after)], [new DiffPart(after, before != after)]);
        var common = new int[old.Count + 1, now.Count + 1];
        for (var i = old.Count - 1; i >= 0; i--)
        {
            for (var j = now.Count - 1; j >= 0; j--)
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var (left, right) = (new List<DiffPart>(), new List<DiffPart>());
        var (a, b) = (0, 0);
        while (a < old.Count || b < now.Count)
        {
            if (a < old.Count && b < now.Count && old[a] == now[b])
            {
                Append(left, old[a++], false);
                Append(right, now[b++], false);
            }
            else if (b == now.Count || (a < old.Count && common[a + 1, b] >= common[a, b + 1]))
            {
                Append(left, old[a++], true);
            }
            else
            {
                Append(right, now[b++], true);
            }
        }

        return (left, right);
    }

    private static void Append(List<DiffPart> parts, string word, bool isChanged)
    {
        if (parts.Count > 0 && parts[^1].IsChanged == isChanged)
            parts[^1] = new DiffPart(parts[^1].Text + word, isChanged);
        else
            parts.Add(new DiffPart(word, isChanged));
    }

    /// <summary>Words with the white space after them.</summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var index = 1; index <= text.Length; index++)
        {
            if (index == text.Length || (char.IsWhiteSpace(text[index - 1]) && !char.IsWhiteSpace(text[index])))
            {
                words.Add(text[start..index]);
                start = index;
            }
        }

        return words;
    }
}

/// <param name="IsChanged">The other text has it not.</param>
internal sealed record DiffPart(string Text, bool IsChanged);
