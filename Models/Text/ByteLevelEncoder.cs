namespace Sweep.Models.Text;

/// <summary>The byte-level families (GPT-NeoX, Falcon, Qwen, tekken): a chain of cuts, one of which writes bytes, then merges within each piece.</summary>
internal sealed class ByteLevelEncoder(IReadOnlyList<IPieceSplitter> splitters, IPieceMerger merger) : ISectionEncoder
{
    public void Encode(string section, bool starts, List<int> ids)
    {
        IEnumerable<string> pieces = [section];
        foreach (var splitter in splitters)
            pieces = pieces.SelectMany(splitter.Split);
        foreach (var piece in pieces)
            merger.Merge(piece, ids);
    }
}
