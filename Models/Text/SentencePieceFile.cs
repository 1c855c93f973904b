using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Sweep.Models.Text;

/// <summary>
/// Reads a SentencePiece model (BPE with byte fallback and no rewriting of the text, as LLaMA's and Mistral's are). Control pieces are special tokens: text never becomes them unless it is
/// asked to. A section after one gets its space as a text of its own does.
/// </summary>
internal static class SentencePieceFile
{
    private const int MaxBytes = 64 << 20;
    private const int MaxPieces = 1 << 20;
    private const int MaxPieceLength = 1024;
    private const int BpeModel = 2;

    private enum PieceKind
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    private sealed record Piece(string Text, float Score, PieceKind Kind);

    /// <exception cref="InvalidCheckpointException">The file is broken, or asks for what is not supported.</exception>
    public static TokenizerDefinition Read(string path)
    {
        var (pieces, prefix) = Parse(path, ReadFile(path));
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, piece) in pieces.Index())
        {
            if (!ids.TryAdd(piece.Text, id))
                throw Error(path, $"pieces[{id}]", $"'{piece.Text}' a second time", "pieces that differ");
        }

        var normal = new Dictionary<string, (int Id, double Rank)>(StringComparer.Ordinal);
        foreach (var (id, piece) in pieces.Index().Where(pair => pair.Item.Kind == PieceKind.Normal))
            normal.Add(piece.Text, (id, -piece.Score));
        RequireCharacters(path, pieces, normal);
        var bytes = ByteTokens(path, ids, pieces);
        var spaced = new NormalizerStep.Replace(" ", MetaspaceEncoder.Mark);
        return new TokenizerDefinition
        {
            AddedTokens =
            [
                .. pieces.Index().Where(pair => pair.Item.Kind is PieceKind.Control or PieceKind.Unknown or PieceKind.UserDefined).Select(pair => new AddedToken
                {
                    Id = pair.Index,
                    Content = pair.Item.Text,
                    Special = pair.Item.Kind != PieceKind.UserDefined,
                    Normalized = pair.Item.Kind == PieceKind.UserDefined,
                    NormalizedContent = pair.Item.Text,
                }),
            ],
            Normalizer = prefix ? [new NormalizerStep.Prepend(MetaspaceEncoder.Mark), spaced] : [spaced],
            Encoder = new MetaspaceEncoder(MetaspacePrefix.Never, marksSpaces: false, new RankMerger(normal, wholeFirst: false), normal.Keys, bytes),
            Ids = ids,
            Bytes = pieces.Index().ToDictionary(pair => pair.Index, pair => BytesOf(pair.Index, pair.Item, bytes)),
            Begin = ids.TryGetValue("<s>", out var begin) ? [begin] : [],
        };
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxBytes)
                throw new InvalidCheckpointException($"{path}: found {stream.Length} bytes, expected at most {MaxBytes}");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidCheckpointException($"{path}: cannot be read: {failure.Message}", failure);
        }
    }

    private static (IReadOnlyList<Piece> Pieces, bool Prefix) Parse(string path, byte[] file)
    {
        var pieces = new List<Piece>();
        var (model, prefix) = (1UL, true);
        var message = new ProtobufReader(file, path);
        while (message.Read())
        {
            switch (message.Field)
            {
                case 1:
                    if (pieces.Count == MaxPieces)
                        throw Error(path, "pieces", $"more than {MaxPieces}", "at most so many");
                    pieces.Add(ParsePiece(path, pieces.Count, message.Content));
                    break;
                case 2:
                    model = ParseTrainer(path, message.Content);
                    break;
                case 3:
                    prefix = ParseNormalizer(path, message.Content);
                    break;
            }
        }

        if (pieces.Count == 0)
            throw Error(path, "pieces", "none", "a SentencePiece model with pieces");
        return model == BpeModel ? (pieces, prefix) : throw Error(path, "trainer_spec.model_type", $"{model}, which is not supported", $"{BpeModel} (BPE)");
    }

    private static Piece ParsePiece(string path, int id, ReadOnlySpan<byte> bytes)
    {
        var (text, score, kind) = ((string?)null, 0f, PieceKind.Normal);
        var message = new ProtobufReader(bytes, $"{path}: pieces[{id}]");
        while (message.Read())
        {
            switch (message.Field)
            {
                case 1:
                    if (message.Content.Length > MaxPieceLength || !Utf8.IsValid(message.Content))
                        throw Error(path, $"pieces[{id}].piece", $"{message.Content.Length} bytes", $"at most {MaxPieceLength} bytes of UTF-8");
                    text = Encoding.UTF8.GetString(message.Content);
                    break;
                case 2:
                    score = message.Single;
                    break;
                case 3:
                    kind = message.Number is >= (int)PieceKind.Normal and <= (int)PieceKind.Byte ? (PieceKind)message.Number : throw Error(path, $"pieces[{id}].type", $"{message.Number}", "1 to 6");
                    break;
            }
        }

        if (kind == PieceKind.Unused)
            throw Error(path, $"pieces[{id}].type", "5 (unused), which is not supported", "another");
        if (!float.IsFinite(score))
            throw Error(path, $"pieces[{id}].score", score.ToString(CultureInfo.InvariantCulture), "a finite number");
        return text is { Length: > 0 } ? new Piece(text, score, kind) : throw Error(path, $"pieces[{id}].piece", "none", "a text");
    }

    private static ulong ParseTrainer(string path, ReadOnlySpan<byte> bytes)
    {
        var model = 1UL;
        var message = new ProtobufReader(bytes, $"{path}: trainer_spec");
        while (message.Read())
        {
            switch (message.Field)
            {
                case 3:
                    model = message.Number;
                    break;
                case 24 when message.Flag:
                    throw Error(path, "trainer_spec.treat_whitespace_as_suffix", "true, which is not supported", "false");
            }
        }

        return model;
    }

    private static bool ParseNormalizer(string path, ReadOnlySpan<byte> bytes)
    {
        var (prefix, squeezes, escapes) = (true, true, true);
        var message = new ProtobufReader(bytes, $"{path}: normalizer_spec");
        while (message.Read())
        {
            switch (message.Field)
            {
                case 2 when message.Content.Length > 0:
                    throw Error(path, "normalizer_spec.precompiled_charsmap", $"{message.Content.Length} bytes, a rewriting of the text that is not supported", "none");
                case 3:
                    prefix = message.Flag;
                    break;
                case 4:
                    squeezes = message.Flag;
                    break;
                case 5:
                    escapes = message.Flag;
                    break;
            }
        }

        if (squeezes)
            throw Error(path, "normalizer_spec.remove_extra_whitespaces", "true, which is not supported", "false");
        return escapes ? prefix : throw Error(path, "normalizer_spec.escape_whitespaces", "false, which is not supported", "true");
    }

    /// <summary>A character that is part of a token and none itself would be taken for an unknown one.</summary>
    private static void RequireCharacters(string path, IReadOnlyList<Piece> pieces, Dictionary<string, (int Id, double Rank)> normal)
    {
        foreach (var (id, piece) in pieces.Index().Where(pair => pair.Item.Kind == PieceKind.Normal))
        {
            foreach (var rune in piece.Text.EnumerateRunes())
            {
                if (!normal.ContainsKey(rune.ToString()))
                    throw Error(path, $"pieces[{id}].piece", $"'{piece.Text}' and no piece '{rune}'", "its characters as pieces");
            }
        }
    }

    private static int[] ByteTokens(string path, Dictionary<string, int> ids, IReadOnlyList<Piece> pieces)
    {
        var tokens = new int[256];
        for (var value = 0; value < tokens.Length; value++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
            tokens[value] = ids.TryGetValue(name, out var id) && pieces[id].Kind == PieceKind.Byte ? id : throw Error(path, "pieces", $"no byte piece '{name}'", "one for each byte");
        }

        return tokens;
    }

    private static byte[] BytesOf(int id, Piece piece, int[] bytes) => piece.Kind switch
    {
        PieceKind.Byte when Array.IndexOf(bytes, id) is >= 0 and var value => [(byte)value],
        PieceKind.Normal or PieceKind.UserDefined => Encoding.UTF8.GetBytes(piece.Text.Replace(MetaspaceEncoder.Mark, " ", StringComparison.Ordinal)),
        _ => Encoding.UTF8.GetBytes(piece.Text),
    };

    private static InvalidCheckpointException Error(string path, string place, string found, string expected) => new($"{path}: {place}: found {found}, expected {expected}");
}
