using System.Text.Json;
using CsCheck;
using Sweep.Models.Tests.Checkpoints;
using Sweep.Models.Text;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Text;

/// <summary>A spoiled tokenizer file is used to the end, or refused by an InvalidCheckpointException that names it.</summary>
public sealed class TokenizerFuzzTests : IDisposable
{

    private static readonly string[] Values = ["", "0", "-1", "1e9", "2147483648", "null", "true", "\"\"", "\"x\"", "\"(\"", "[]", "[0]", "{}", "{\"type\":\"Sequence\"}", "\"\\uD800\"", ",", "]"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_SpoiledSentencePiece_RefusesOrEncodes()
    {
        var valid = File.ReadAllBytes(Path.Combine(ShippedFiles.Vectors, "small.model"));
        var spoil = Gen.Select(Gen.Select(Gen.UInt, Gen.Byte[1, 255]).Array[0, 6], Gen.OneOf(Gen.Const(uint.MaxValue), Gen.UInt));
        spoil.Sample(
            (flips, cut) =>
            {
                byte[] bytes = [.. valid];
                foreach (var (at, mask) in flips)
                    bytes[at % bytes.Length] ^= mask;
                Use("tokenizer.model", cut == uint.MaxValue ? bytes : bytes[..(int)(cut % bytes.Length)]);
            },
            iter: 1_000, threads: 1);
    }

    [Theory]
    [InlineData("small-llama.json")]
    [InlineData("tekken.json")]
    public void Load_SpoiledJson_RefusesOrEncodes(string file)
    {
        var valid = file == "tekken.json" ? Tekken() : File.ReadAllBytes(Path.Combine(ShippedFiles.Vectors, file));
        var name = file == "tekken.json" ? file : "tokenizer.json";
        var places = valid.Index().Where(pair => pair.Item is (byte)':' or (byte)',' or (byte)'[').Select(pair => pair.Index).ToArray();

        // Near the ends of the file are the settings, between them the tables: half of the changes go to each.
        var place = Gen.OneOf(Gen.Int[0, places.Length - 1], Gen.Int[0, 150], Gen.Int[places.Length - 150, places.Length - 1]);
        Gen.Select(Gen.Select(place, Gen.Int[0, Values.Length - 1]).Array[1, 2], Gen.Int[0, 40]).Sample(
            (changes, skip) =>
            {
                byte[] bytes = [.. valid];
                foreach (var (at, value) in changes)
                {
                    var from = Math.Min(places[at] + 1, bytes.Length);
                    bytes = [.. bytes[..from], .. System.Text.Encoding.UTF8.GetBytes(Values[value]), .. bytes[Math.Min(from + skip, bytes.Length)..]];
                }

                Use(name, bytes);
            },
            iter: 300, threads: 1);
    }

    private static byte[] Tekken() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        config = new { pattern = @"\p{L}+|\s+|.", default_vocab_size = 300, default_num_special_tokens = 20 },
        vocab = Enumerable.Range(0, 260).Select(rank => new { rank, token_bytes = Convert.ToBase64String(rank < 256 ? [(byte)rank] : [(byte)'a', (byte)(rank - 150)]) }),
        special_tokens = new[] { new { rank = 1, token_str = "<s>" } },
    });

    private void Use(string name, byte[] content)
    {
        var path = _folder.File(name);
        File.WriteAllBytes(path, content);
        try
        {
            var tokenizer = TextTokenizer.Load(path);
            Assert.InRange(tokenizer.MaxId, 0, int.MaxValue);
            tokenizer.Decode(tokenizer.EncodePrompt("Hello  world [INST] é!\n"));
        }
        catch (InvalidCheckpointException refused)
        {
            Assert.StartsWith(path + ": ", refused.Message, StringComparison.Ordinal);
        }
    }
}
