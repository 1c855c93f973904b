using Sweep.Execution.Residency;

namespace Sweep.Execution.Running;

/// <summary>
/// A gold with each of its possible ends: the benchmark's terminator, and the model's own end of text, which ends a generation as well. The
/// gold's log-likelihood is that of saying it and then stopping, whichever way: models that learned to end with end-of-text give a newline
/// next to no probability, however sure they are of the answer.
/// </summary>
/// <param name="Continuations">Tokens, the one with the terminator first.</param>
internal sealed record GoldEndings(IReadOnlyList<IReadOnlyList<int>> Continuations)
{
    /// <param name="continuation">Space + gold + terminator.</param>
    /// <param name="stops">Texts that end a generation.</param>
    /// <param name="endOfText">Tokens that do.</param>
    public static GoldEndings Of(string continuation, IReadOnlyList<string> stops, IReadOnlyCollection<int> endOfText, ITokenCodec codec)
    {
        var terminated = codec.EncodeContinuation(continuation);
        var terminator = stops.FirstOrDefault(stop => continuation.EndsWith(stop, StringComparison.Ordinal));
        if (terminator is null)
            return new GoldEndings([terminated]);
        var gold = codec.EncodeContinuation(continuation[..^terminator.Length]);
        return gold.Count == 0
            ? new GoldEndings([terminated])
            : new GoldEndings([terminated, .. endOfText.Order().Select(token => (IReadOnlyList<int>)[.. gold, token])]);
    }

    /// <summary>Tokens of the gold with its terminator.</summary>
    public int Tokens => Continuations[0].Count;

    /// <summary>Log of the sum of probabilities, added in the order of the ends; null where one is not finite.</summary>
    public static double? LogLikelihood(IEnumerable<double?> ends)
    {
        var values = new List<double>();
        foreach (var end in ends)
        {
            if (end is not { } value || !double.IsFinite(value))
                return null;
            values.Add(value);
        }

        var largest = values.Max();
        return values.Count == 1 ? largest : largest + Math.Log(values.Sum(value => Math.Exp(value - largest)));
    }
}
