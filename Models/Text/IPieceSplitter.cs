namespace Sweep.Models.Text;

/// <summary>A step that cuts text into the pieces within which characters merge.</summary>
internal interface IPieceSplitter
{
    /// <param name="text">Well-formed UTF-16, not empty.</param>
    IEnumerable<string> Split(string text);
}
