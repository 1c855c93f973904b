using System.Text;
using Sweep.Contracts.Results;

namespace Sweep.Persistence.Reports;

/// <summary>Counts over responses that need no gold.</summary>
internal static class ResponseStatistics
{
    private const int LongestLoop = 8;
    private const int Rounds = 3;

    /// <summary>Null where no row has a response.</summary>
    public static ResponseFigures? Of(IEnumerable<ItemResult> rows)
    {
        var generated = rows.Where(row => row.Response is not null).Select(row => (row.Flags, Text: Encoding.UTF8.GetString(row.Response!))).ToArray();
        if (generated.Length == 0)
            return null;
        var words = generated.Select(row => row.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return new ResponseFigures
        {
            Items = generated.Length,
            Words = words.Average(list => (double)list.Length),
            Characters = generated.Average(row => (double)row.Text.EnumerateRunes().Count()),
            Empty = words.Count(list => list.Length == 0),
            Repeated = words.Count(IsRepeated),
            Cut = generated.Count(row => row.Flags.HasFlag(ItemFlags.GenerationTruncated)),
            ContextCut = generated.Count(row => row.Flags.HasFlag(ItemFlags.ContextTruncated)),
        };
    }

    /// <summary>Some run of one to eight words stands three times in a row.</summary>
    public static bool IsRepeated(string[] words)
    {
        for (var length = 1; length <= LongestLoop; length++)
        {
            // Words in a row that equal the one a loop's length before them; two rounds of equal ones make three.
            var equal = 0;
            for (var index = length; index < words.Length; index++)
            {
                equal = words[index] == words[index - length] ? equal + 1 : 0;
                if (equal == length * (Rounds - 1))
                    return true;
            }
        }

        return false;
    }
}
