namespace Sweep.Models.Text;

/// <summary>Merges the characters of a piece into tokens.</summary>
internal interface IPieceMerger
{
    /// <param name="piece">Only characters that are tokens themselves.</param>
    /// <param name="ids">Where the ids go.</param>
    void Merge(string piece, List<int> ids);
}
