namespace Sweep.Models.Text;

/// <summary>A token that is found in text before BPE sees it (tokenizer.json, added_tokens).</summary>
internal sealed record AddedToken
{
    public required int Id { get; init; }

    public required string Content { get; init; }

    /// <summary>What is looked for in the normalised text; null: what the normalizer makes of <see cref="Content"/>.</summary>
    public string? NormalizedContent { get; init; }

    /// <summary>Only between characters that make no word.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Looked for in the normalised text, not in the raw.</summary>
    public bool Normalized { get; init; }

    /// <summary>A control token, not text.</summary>
    public bool Special { get; init; }
}
