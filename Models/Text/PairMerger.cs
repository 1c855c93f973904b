using Microsoft.ML.Tokenizers;

namespace Sweep.Models.Text;

/// <summary>Byte-pair encoding by a list of merges, as tokenizer.json has one.</summary>
internal sealed class PairMerger : IPieceMerger
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly BpeTokenizer _bpe;
    private readonly IReadOnlySet<char> _lost;
    private readonly bool _wholeFirst;

    /// <param name="vocabulary">Tokens and their ids.</param>
    /// <param name="merges">"left right", best first.</param>
    /// <param name="lost">Characters that are no tokens and vanish, so that their neighbours are neighbours.</param>
    /// <param name="wholeFirst">A piece that is a token as a whole is not merged up.</param>
    public PairMerger(Dictionary<string, int> vocabulary, IEnumerable<string> merges, IReadOnlySet<char> lost, bool wholeFirst)
    {
        (_vocabulary, _lost, _wholeFirst) = (vocabulary, lost, wholeFirst);
        _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges, ByteLevel = false });
    }

    public void Merge(string piece, List<int> ids)
    {
        if (_lost.Count > 0 && piece.Any(_lost.Contains))
            piece = string.Concat(piece.Where(character => !_lost.Contains(character)));
        if (piece.Length == 0)
            return;
        if (_wholeFirst && _vocabulary.TryGetValue(piece, out var whole))
            ids.Add(whole);
        else
            ids.AddRange(_bpe.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
    }
}
