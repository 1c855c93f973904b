using System.Text;
using CsCheck;
using Sweep.Models.Checkpoints;
using Sweep.Tests;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Checkpoints;

/// <summary>
/// A whole model folder with one file spoiled: it is used to the end (weights, hash, tokenizer, check), or refused by an InvalidCheckpointException whose message names the folder.
/// </summary>
public sealed class FolderFuzzTests : IDisposable
{
    private static readonly string[] Files =
        ["config.json", CheckpointTensors.IndexFile, "part-0.safetensors", "part-1.safetensors", "tokenizer.json", "golden.json", "golden.safetensors", "reference.json", "planted.json"];

    private static readonly string[] Values =
        ["", "0", "1", "-1", "1e9", "1e400", "2147483648", "99999999999999999999", "null", "true", "\"\"", "\"x\"", "[]", "[0]", "{}", "NaN", "Infinity", "\"\\uD800\"", ",", "}", "]", "\u00ff"];

    private readonly TemporaryFolder _valid = new();
    private readonly TemporaryFolder _folder = new();

    public FolderFuzzTests() => WriteValid();

    public void Dispose()
    {
        _valid.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Use_ValidFolder_ComparesEverything() => Assert.Equal(11 + 3, Use(_valid.Path));

    [Fact]
    public void Use_SpoiledBytes_RefusesOrSucceeds()
    {
        var spoil =
            from file in OneOf(Files)
            from flips in Gen.Select(Gen.UInt, Gen.Byte[1, 255]).Array[0, 6]
            from cut in Gen.OneOf(Gen.Const(uint.MaxValue), Gen.UInt)
            select (file, flips, cut);
        spoil.Sample(
            change =>
            {
                var bytes = File.ReadAllBytes(_valid.File(change.file));
                foreach (var (at, mask) in change.flips)
                    bytes[at % bytes.Length] ^= mask;
                Spoil(change.file, change.cut == uint.MaxValue ? bytes : bytes[..(int)(change.cut % bytes.Length)]);
            },
            iter: 300, threads: 1);
    }

    [Fact]
    public void Use_SpoiledJson_RefusesOrSucceeds()
    {
        // A value for another: at a place where a JSON value starts, up to where it ends.
        var spoil =
            from file in OneOf([.. Files.Where(file => file.EndsWith(".json", StringComparison.Ordinal))])
            from changes in Gen.Select(Gen.UInt, OneOf(Values)).Array[1, 3]
            select (file, changes);
        spoil.Sample(
            change =>
            {
                var text = File.ReadAllText(_valid.File(change.file));
                foreach (var (number, value) in change.changes)
                {
                    var places = System.Text.RegularExpressions.Regex.Matches(text, @"(?<=[:\[,]\s*)(""[^""]*""|-?[0-9.e]+|true|false|null|\[[^\[\]]*\]|\{[^{}]*\})");
                    if (places.Count == 0)
                        break;
                    var place = places[(int)(number % places.Count)];
                    text = text[..place.Index] + value + text[(place.Index + place.Length)..];
                }

                Spoil(change.file, Encoding.UTF8.GetBytes(text));
            },
            iter: 600, threads: 1);
    }

    private static Gen<string> OneOf(string[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    private void Spoil(string file, byte[] bytes)
    {
        foreach (var name in Files)
            File.Copy(_valid.File(name), _folder.File(name), overwrite: true);
        File.WriteAllBytes(_folder.File(file), bytes);
        Use(_folder.Path);
    }

    /// <summary>How many things were compared; null when it was refused. Anything but an InvalidCheckpointException fails the test.</summary>
    private static int? Use(string folder)
    {
        try
        {
            using var scope = NewDisposeScope();
            using var checkpoint = CheckpointFolder.Open(folder);
            Assert.Equal(64, checkpoint.WeightsHash.Length);
            _ = checkpoint.LoadTokenizer().Encode("Xena owns a pink pony.\n<|endoftext|> 12");
            _ = PlantedBottleneck.Read(folder);
            using var model = checkpoint.LoadModel();
            return ModelCheck.Run(checkpoint, model, TestContext.Current.CancellationToken).Entries.Count;
        }
        catch (InvalidCheckpointException refused)
        {
            Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
            return null;
        }
    }

    /// <summary>A folder with every kind of file there is, in two shards; the references' values do not matter here, their form does.</summary>
    private void WriteValid()
    {
        var config = CheckpointFolderTests.Config() with { VocabularySize = 1024 };
        var tensors = CheckpointFolderTests.Tensors(config);
        File.WriteAllText(_valid.File("config.json"), CheckpointFolderTests.Json(config));
        foreach (var shard in tensors.Index().GroupBy(tensor => tensor.Index % 2))
            SafetensorsWriter.Write(_valid.File($"part-{shard.Key}.safetensors"), shard.Select(tensor => tensor.Item));
        var map = tensors.Index().Select(tensor => $"\"{tensor.Item.Name}\":\"part-{tensor.Index % 2}.safetensors\"");
        File.WriteAllText(_valid.File(CheckpointTensors.IndexFile), $$$"""{"metadata":{"total_size":1},"weight_map":{ {{{string.Join(",", map)}}} }}""");
        File.Copy(Path.Combine(ShippedFiles.Mini, "tokenizer.json"), _valid.File("tokenizer.json"));
        File.WriteAllText(_valid.File("golden.json"), """{"steering":{"layer":1,"site":"mixer_output","channels":[0,3],"scalar":2.5}}""");
        File.WriteAllText(_valid.File("reference.json"), """[{"prompt":"Xena","input_ids":[1,2,3],"top5":[1,2],"top5_logits":[0.5,0.25]}]""");
        File.WriteAllText(_valid.File("planted.json"), """{"layer":1,"channels":[0,3],"factor":20,"seed":1,"source_weights_sha256":"x"}""");
        var (rows, length) = (2, 13);
        SafetensorsSource Numbers(string name, params long[] shape) => SafetensorsSource.Of(name, SafetensorsDtype.F32, shape, new byte[4 * shape.Aggregate((a, b) => a * b)]);
        SafetensorsSource Ids(string name, int count, int first, long value) =>
            SafetensorsSource.Of(name, SafetensorsDtype.I64, [count, length], Enumerable.Range(0, count * length).SelectMany(at => BitConverter.GetBytes(at % length < first ? 0 : value)).ToArray());
        SafetensorsWriter.Write(
            _valid.File("golden.safetensors"),
            [
                Ids("input_ids", rows, 0, 5), Ids("padded_input_ids", rows, 0, 7), Ids("attention_mask", rows, 3, 1), Ids("generated", 1, 0, 9), Ids("steered_generated", 1, 0, 9),
                Numbers("logits", rows, length, 1024), Numbers("steered_logits", rows, length, 1024), Numbers("padded_logits", rows, length, 1024),
                Numbers("unpadded_logits.0", 1, length - 3, 1024), Numbers("unpadded_logits.1", 1, length - 3, 1024), Numbers("mixer_output", rows, length, 8),
                Numbers("hidden_states.0", rows, length, 8), Numbers("hidden_states.1", rows, length, 8), Numbers("hidden_states.2", rows, length, 8),
            ]);
    }
}
