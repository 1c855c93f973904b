namespace Sweep.Models.Text;

/// <summary>Cuts by a pattern, or not at all, and writes each piece's UTF-8 in the byte alphabet: what comes after it in a chain sees those characters.</summary>
internal sealed class ByteLevelSplitter(PieceSplitter? pattern, bool addsPrefixSpace) : IPieceSplitter
{
    public IEnumerable<string> Split(string text)
    {
        var spaced = addsPrefixSpace && text[0] != ' ' ? " " + text : text;
        IEnumerable<string> pieces = pattern?.Split(spaced) ?? [spaced];
        return pieces.Select(ByteAlphabet.Write);
    }
}
