namespace Sweep.Models.Text;

/// <summary>Turns a normalised section of text, which holds no added token, into ids.</summary>
internal interface ISectionEncoder
{
    /// <param name="section">Not empty.</param>
    /// <param name="starts">It is the start of the text; false too where the text goes on after other text.</param>
    /// <param name="ids">Where the ids go.</param>
    void Encode(string section, bool starts, List<int> ids);
}
