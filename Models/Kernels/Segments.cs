namespace Sweep.Models.Kernels;

/// <summary>
/// Sequences of different lengths laid end to end: sequence i holds tokens Offsets[i] ≤ t &lt; Offsets[i + 1] of a [T, C] tensor. There is no padding, so nothing
/// can leak from it and nothing is computed for it.
/// </summary>
public sealed class Segments
{
    private readonly int[] _offsets;
    private readonly int[] _promptEnds;

    /// <param name="lengths">Tokens of each sequence in this pass.</param>
    /// <param name="promptEnds">How many of them, from the first, belong to the prompt; the rest is generated or teacher-forced. Null: all.</param>
    /// <param name="firstPositions">Position of each sequence's first token in its whole text; null: 0.</param>
    public Segments(IReadOnlyList<int> lengths, IReadOnlyList<int>? promptEnds = null, IReadOnlyList<int>? firstPositions = null)
    {
        _offsets = new int[lengths.Count + 1];
        for (var i = 0; i < lengths.Count; i++)
            _offsets[i + 1] = _offsets[i] + lengths[i];
        _promptEnds = promptEnds is null ? [.. lengths] : [.. promptEnds];
        FirstPositions = firstPositions ?? new int[lengths.Count];
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>Tokens of all sequences together, T.</summary>
    public int Tokens => _offsets[^1];

    public IReadOnlyList<int> FirstPositions { get; }

    public int Start(int sequence) => _offsets[sequence];

    public int End(int sequence) => _offsets[sequence + 1];

    public int Length(int sequence) => _offsets[sequence + 1] - _offsets[sequence];

    /// <summary>Number of prompt tokens of this pass, from the sequence's first.</summary>
    public int PromptEnd(int sequence) => _promptEnds[sequence];

    /// <summary>Some of the sequences, in the given order, end to end again.</summary>
    public Segments Select(IReadOnlyList<int> sequences) => new(
        [.. sequences.Select(Length)], [.. sequences.Select(PromptEnd)], [.. sequences.Select(i => FirstPositions[i])]);

    /// <summary>Token indices of some of the sequences, in the given order.</summary>
    public long[] TokenIndices(IReadOnlyList<int> sequences)
    {
        var indices = new long[sequences.Sum(Length)];
        var next = 0;
        foreach (var sequence in sequences)
        {
            for (var t = Start(sequence); t < End(sequence); t++)
                indices[next++] = t;
        }

        return indices;
    }

    /// <summary>One sequence a row of a padded batch.</summary>
    public static Segments Of(TokenSpans spans) => new([.. Enumerable.Range(0, spans.Rows).Select(row => spans.End[row] - spans.Start[row])]);
}
