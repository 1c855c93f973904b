namespace Sweep.Models.Text;

/// <summary>A step that changes a section of text before it is cut.</summary>
internal abstract record NormalizerStep
{
    /// <param name="section">Not empty.</param>
    /// <param name="continues">The section goes on where other text stopped: nothing is put before it.</param>
    public abstract string Apply(string section, bool continues);

    /// <summary>Canonical composition.</summary>
    public sealed record Compose : NormalizerStep
    {
        public override string Apply(string section, bool continues) => Nfc.Normalize(section);
    }

    /// <summary>Puts something before every section.</summary>
    public sealed record Prepend(string Text) : NormalizerStep
    {
        public override string Apply(string section, bool continues) => continues ? section : Text + section;
    }

    /// <summary>Writes one text for another.</summary>
    public sealed record Replace(string From, string To) : NormalizerStep
    {
        public override string Apply(string section, bool continues) => section.Replace(From, To, StringComparison.Ordinal);
    }
}
