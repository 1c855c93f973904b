using System.Text;

namespace Sweep.Models.Text;

/// <summary>
/// Byte-pair encoding without a list of merges: two neighbours may merge when their text is a token, the best-ranked first, and of equals the leftmost. So do SentencePiece (rank by score) and
/// tekken (rank by place). Microsoft.ML.Tokenizers' SentencePiece takes equals in another order: "!!!!!!" and "xxxx" come out otherwise.
/// </summary>
internal sealed class RankMerger : IPieceMerger
{
    private readonly Dictionary<string, (int Id, double Rank)> _tokens;
    private readonly Dictionary<string, (int Id, double Rank)>.AlternateLookup<ReadOnlySpan<char>> _spans;
    private readonly bool _wholeFirst;

    /// <param name="tokens">Each token's id and rank; lower merges earlier.</param>
    /// <param name="wholeFirst">A piece that is a token as a whole is not merged up.</param>
    public RankMerger(Dictionary<string, (int Id, double Rank)> tokens, bool wholeFirst)
    {
        (_tokens, _wholeFirst) = (tokens, wholeFirst);
        _spans = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public void Merge(string piece, List<int> ids)
    {
        if (_wholeFirst && _tokens.TryGetValue(piece, out var whole))
        {
            ids.Add(whole.Id);
            return;
        }

        // A symbol is the text from its start to the next one's; a merged symbol's end is its right neighbour's.
        var (ends, previous) = Symbols(piece);
        var waiting = new PriorityQueue<(int Left, int Right, int End), (double Rank, int Left)>();
        for (var at = ends[0]; at < piece.Length; at = ends[at])
            Offer(previous[at], at);
        while (waiting.TryDequeue(out var pair, out _))
        {
            // One of the two was merged with another meanwhile: its start or its end is not what it was.
            if (ends[pair.Left] != pair.Right || ends[pair.Right] != pair.End)
                continue;
            ends[pair.Left] = pair.End;
            ends[pair.Right] = Gone;
            if (pair.End < piece.Length)
            {
                previous[pair.End] = pair.Left;
                Offer(pair.Left, pair.End);
            }

            if (pair.Left > 0)
                Offer(previous[pair.Left], pair.Left);
        }

        for (var at = 0; at < piece.Length; at = ends[at])
            ids.Add(_spans[piece.AsSpan(at, ends[at] - at)].Id);

        void Offer(int left, int right)
        {
            if (_spans.TryGetValue(piece.AsSpan(left, ends[right] - left), out var token))
                waiting.Enqueue((left, right, ends[right]), (token.Rank, left));
        }
    }

    private const int Gone = -1;

    private static (int[] Ends, int[] Previous) Symbols(string piece)
    {
        var (ends, previous) = (new int[piece.Length], new int[piece.Length]);
        for (int at = 0, before = -1; at < piece.Length; before = at, at = ends[at])
        {
            previous[at] = before;
            Rune.DecodeFromUtf16(piece.AsSpan(at), out _, out var length);
            ends[at] = at + length;
        }

        return (ends, previous);
    }
}
