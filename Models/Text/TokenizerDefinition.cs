namespace Sweep.Models.Text;

/// <summary>A tokenizer as its file describes it, whatever the file's format.</summary>
internal sealed record TokenizerDefinition
{
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Applied in this order to what lies between added tokens.</summary>
    public required IReadOnlyList<NormalizerStep> Normalizer { get; init; }

    public required ISectionEncoder Encoder { get; init; }

    /// <summary>Ids by how the file writes the tokens; of added tokens too.</summary>
    public required IReadOnlyDictionary<string, int> Ids { get; init; }

    /// <summary>What each token stands for in a text.</summary>
    public required IReadOnlyDictionary<int, byte[]> Bytes { get; init; }

    /// <summary>Tokens that a prompt of this family begins with.</summary>
    public IReadOnlyList<int> Begin { get; init; } = [];
}
