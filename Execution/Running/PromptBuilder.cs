using System.Buffers.Binary;
using System.Security.Cryptography;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Residency;

namespace Sweep.Execution.Running;

/// <summary>A prompt as tokens.</summary>
internal sealed record TokenizedPrompt
{
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>The context was cut.</summary>
    public required bool Truncated { get; init; }

    /// <summary>SHA-256 of the tokens as little-endian 32-bit numbers, first 16 hexadecimal digits.</summary>
    public string Hash
    {
        get
        {
            var bytes = new byte[Tokens.Count * sizeof(int)];
            for (var index = 0; index < Tokens.Count; index++)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(index * sizeof(int)), Tokens[index]);
            return Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        }
    }
}

/// <summary>Turns items into tokens within the context limit; what is cut is the end of the context, never the question.</summary>
internal static class PromptBuilder
{
    /// <summary>Null with a reason when the prompt cannot be made: nothing in it, or too long even without its context.</summary>
    public static TokenizedPrompt? Build(BenchmarkItem item, ITokenCodec codec, int? limit, int minimumTokens, out string problem)
    {
        problem = "";
        var tokens = codec.Encode(item.Prefix + item.Context + item.Suffix);
        var truncated = false;
        if (limit is { } most && tokens.Count > most)
        {
            var whole = tokens.Count;
            truncated = true;
            if (Cut(item, codec, most) is not { } cut)
            {
                problem = item.Context.Length == 0
                    ? $"item {item.Id}: its prompt has {whole} tokens and no context to cut, the context limit is {most}"
                    : $"item {item.Id}: its prompt without any context is still longer than the context limit of {most} tokens";
                return null;
            }

            tokens = cut;
        }

        if (tokens.Count < minimumTokens)
        {
            problem = $"item {item.Id}: its prompt has {tokens.Count} tokens, at least {minimumTokens} are needed";
            return null;
        }

        return new TokenizedPrompt { Tokens = tokens, Truncated = truncated };
    }

    private static IReadOnlyList<int>? Cut(BenchmarkItem item, ITokenCodec codec, int limit)
    {
        // Lengths in tokens grow with lengths in characters but for a token or two, hence the walk down after the bisection.
        var fits = 0;
        var tooLong = item.Context.Length;
        while (tooLong - fits > 1)
        {
            var middle = fits + ((tooLong - fits) / 2);
            if (With(middle).Count <= limit)
                fits = middle;
            else
                tooLong = middle;
        }

        for (var length = fits; length >= 0; length--)
        {
            var tokens = With(length);
            if (tokens.Count <= limit)
                return tokens;
        }

        return null;

        IReadOnlyList<int> With(int length)
        {
            // Half of a surrogate pair is not a character.
            if (length > 0 && length < item.Context.Length && char.IsHighSurrogate(item.Context[length - 1]))
                length--;
            return codec.Encode(item.Prefix + item.Context[..length] + item.Suffix);
        }
    }
}
