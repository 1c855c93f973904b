namespace Sweep.Evaluation.Metrics.Text;

/// <summary>The script of a text by the Unicode blocks of its letters.</summary>
internal static class Scripts
{
    /// <summary>The script that most letters are of; null where no letter is of a known one. Kana make Chinese characters Japanese.</summary>
    public static Script? Of(string text)
    {
        var counts = new int[Enum.GetValues<Script>().Length];
        foreach (var c in text)
        {
            if (char.IsLetter(c) && Of(c) is { } script)
                counts[(int)script]++;
        }

        if (counts[(int)Script.Japanese] > 0)
        {
            counts[(int)Script.Japanese] += counts[(int)Script.Chinese];
            counts[(int)Script.Chinese] = 0;
        }

        var most = Array.IndexOf(counts, counts.Max());
        return counts[most] == 0 ? null : (Script)most;
    }

    private static Script? Of(char c) => c switch
    {
        <= '\u024F' or (>= '\u1E00' and <= '\u1EFF') => Script.Latin,
        (>= '\u0370' and <= '\u03FF') or (>= '\u1F00' and <= '\u1FFF') => Script.Greek,
        >= '\u0400' and <= '\u052F' => Script.Cyrillic,
        >= '\u0590' and <= '\u05FF' => Script.Hebrew,
        (>= '\u0600' and <= '\u077F') or (>= '\uFB50' and <= '\uFDFF') or (>= '\uFE70' and <= '\uFEFE') => Script.Arabic,
        >= '\u0900' and <= '\u097F' => Script.Devanagari,
        >= '\u0980' and <= '\u09FF' => Script.Bengali,
        >= '\u0A00' and <= '\u0A7F' => Script.Gurmukhi,
        >= '\u0A80' and <= '\u0AFF' => Script.Gujarati,
        >= '\u0B80' and <= '\u0BFF' => Script.Tamil,
        >= '\u0C00' and <= '\u0C7F' => Script.Telugu,
        >= '\u0C80' and <= '\u0CFF' => Script.Kannada,
        >= '\u0D00' and <= '\u0D7F' => Script.Malayalam,
        >= '\u0E00' and <= '\u0E7F' => Script.Thai,
        (>= '\u1100' and <= '\u11FF') or (>= '\u3130' and <= '\u318F') or (>= '\uAC00' and <= '\uD7AF') => Script.Hangul,
        >= '\u3040' and <= '\u30FF' => Script.Japanese,
        (>= '\u3400' and <= '\u4DBF') or (>= '\u4E00' and <= '\u9FFF') => Script.Chinese,
        _ => null,
    };
}
