using System.Globalization;
using System.Text;

namespace Sweep.Models.Text;

/// <summary>
/// Unicode canonical composition (UAX #15, form C). string.Normalize does nothing under InvariantGlobalization, so the tokenizer has its own,
/// from a table of the Unicode Character Database in this folder.
/// </summary>
internal static class Nfc
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    // Below it, every character is its own normal form and a starter.
    private const int FirstOfInterest = 0x300;

    private static readonly Table Data = Table.Load();

    /// <summary>The text in form C; text must be well-formed UTF-16.</summary>
    public static string Normalize(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstOfInterest - 1)) < 0)
            return text;
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, runes);
        Order(runes);
        Compose(runes);
        var result = new StringBuilder(runes.Count);
        foreach (var rune in runes)
            result.Append(new Rune(rune).ToString());
        return result.ToString();
    }

    private static void Decompose(int rune, List<int> into)
    {
        var syllable = rune - HangulBase;
        if (syllable is >= 0 and < Syllables)
        {
            into.Add(LeadBase + (syllable / (Vowels * Tails)));
            into.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
            if (syllable % Tails != 0)
                into.Add(TailBase + (syllable % Tails));
        }
        else if (Data.Decompositions.TryGetValue(rune, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, into);
        }
        else
        {
            into.Add(rune);
        }
    }

    // Marks between two starters are sorted by class, and stay in order within a class.
    private static void Order(List<int> runes)
    {
        for (var at = 1; at < runes.Count; at++)
        {
            var mark = Class(runes[at]);
            for (var slot = at; mark != 0 && slot > 0 && Class(runes[slot - 1]) > mark; slot--)
                (runes[slot - 1], runes[slot]) = (runes[slot], runes[slot - 1]);
        }
    }

    private static void Compose(List<int> runes)
    {
        var written = 0;
        var starter = -1;
        var lastClass = 0;
        for (var at = 0; at < runes.Count; at++)
        {
            var rune = runes[at];
            var mark = Class(rune);
            var blocked = written - 1 > starter && (lastClass == 0 || lastClass >= mark);
            if (starter >= 0 && !blocked && Pair(runes[starter], rune) is { } composed)
            {
                runes[starter] = composed;
                continue;
            }

            if (mark == 0)
                starter = written;
            lastClass = mark;
            runes[written++] = rune;
        }

        runes.RemoveRange(written, runes.Count - written);
    }

    private static int? Pair(int first, int second)
    {
        var (lead, vowel) = (first - LeadBase, second - VowelBase);
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
            return HangulBase + (((lead * Vowels) + vowel) * Tails);
        var (syllable, tail) = (first - HangulBase, second - TailBase);
        if (syllable is >= 0 and < Syllables && syllable % Tails == 0 && tail is > 0 and < Tails)
            return first + tail;
        return Data.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static int Class(int rune) => rune < FirstOfInterest ? 0 : Data.Classes.GetValueOrDefault(rune);

    private sealed class Table
    {
        public Dictionary<int, int> Classes { get; } = [];

        public Dictionary<int, int[]> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public static Table Load()
        {
            var table = new Table();
            using var stream = typeof(Nfc).Assembly.GetManifestResourceStream("Sweep.Models.Text.nfc.txt")!;
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                if (line[0] != '#')
                    table.Add(line.Split(' '));
            }

            return table;
        }

        private void Add(string[] fields)
        {
            if (fields[0] == "C")
            {
                var range = fields[1].Split('-');
                for (var rune = Hex(range[0]); rune <= Hex(range[^1]); rune++)
                    Classes.Add(rune, int.Parse(fields[2], CultureInfo.InvariantCulture));
                return;
            }

            int[] parts = [.. fields.Skip(2).Select(Hex)];
            Decompositions.Add(Hex(fields[1]), parts);
            if (fields[0] == "D")
                Compositions.Add((parts[0], parts[1]), Hex(fields[1]));
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
