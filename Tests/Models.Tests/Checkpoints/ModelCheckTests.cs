using Sweep.Models.Checkpoints;
using Sweep.Tests;
using Xunit;

namespace Sweep.Models.Tests.Checkpoints;

public sealed class ModelCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_Mini_AgreesWithEveryReferencePrompt()
    {
        var report = ModelCheck.Run(ShippedFiles.Mini, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(report.Passed, Failures(report));
        var prompts = Enumerable.Range(0, 11).Select(prompt => $"reference.{prompt}");
        Assert.Equal(prompts.SelectMany(prompt => (string[])[$"{prompt}.input_ids", $"{prompt}.top5", $"{prompt}.top5_logits"]), report.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Run_Golden_AgreesInEveryEntry()
    {
        var golden = Golden();
        var report = ModelCheck.Run(golden, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(report.Passed, Failures(report));
        Assert.Equal(
            ["logits", "hidden_states.0", "hidden_states.1", "hidden_states.2", "hidden_states.3", "hidden_states.4", "mixer_output", "steered_logits",
                "padded_logits", "unpadded_logits.0", "unpadded_logits.1", "unpadded_logits.2", "generated", "steered_generated"],
            report.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Run_OtherWeightsThanTheReference_Fails()
    {
        foreach (var name in (string[])["config.json", "tokenizer.json", "model.safetensors"])
            File.Copy(Path.Combine(ShippedFiles.Planted, name), _folder.File(name));
        File.Copy(Path.Combine(ShippedFiles.Mini, "reference.json"), _folder.File("reference.json"));
        var report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(report.Passed);
        Assert.All(report.Entries.Where(entry => entry.Name.EndsWith("input_ids", StringComparison.Ordinal)), entry => Assert.True(entry.Passed));
        Assert.All(report.Entries.Where(entry => entry.Name.EndsWith("logits", StringComparison.Ordinal)), entry => Assert.False(entry.Passed));
    }

    [Fact]
    public void Run_ChangedGolden_FailsInThatEntryOnly()
    {
        CopyGolden();
        Rewrite("mixer_output", bytes => bytes[2] ^= 0x40);
        var report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["mixer_output"], report.Entries.Where(entry => !entry.Passed).Select(entry => entry.Name));
        Rewrite("steered_generated", bytes => bytes[8 * 20] ^= 1);
        report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["mixer_output", "steered_generated"], report.Entries.Where(entry => !entry.Passed).Select(entry => entry.Name));
    }

    [Fact]
    public void Run_TensorOfAnotherShapeOrNotFinite_FailsInThatEntryWithoutADifference()
    {
        CopyGolden();
        Rewrite(source => source.Name switch
        {
            "logits" => source with { Shape = [3 * 37, 320] },
            "padded_logits" => source with { Shape = [37, 3, 320] },
            "unpadded_logits.1" => source with { Shape = [2, 10, 320] },
            _ => source,
        });
        Rewrite("mixer_output", bytes => BitConverter.GetBytes(float.NaN).CopyTo(bytes, 40));
        var report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        var failed = report.Entries.Where(entry => !entry.Passed).ToDictionary(entry => entry.Name);
        Assert.Equal(["logits", "mixer_output", "padded_logits", "unpadded_logits.1"], failed.Keys);
        Assert.All(failed.Values, entry => Assert.Null(entry.Difference));
        Assert.Equal("found shape [3, 37, 320], expected [111, 320]", failed["logits"].Detail);
        Assert.Equal("found 0 values that are not finite, the reference has 1", failed["mixer_output"].Detail);
    }

    [Fact]
    public void Run_ReferenceOfZeros_FailsWithoutADifference()
    {
        CopyGolden();
        Rewrite("mixer_output", Array.Clear);
        var report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        var entry = Assert.Single(report.Entries, entry => !entry.Passed);
        Assert.Equal(("mixer_output", null), (entry.Name, entry.Difference));
        Assert.Contains("the reference is 0 everywhere", entry.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TensorThatNothingComputes_Fails()
    {
        CopyGolden();
        Rewrite(source => source.Name == "mixer_output" ? source with { Name = "hidden_states.5" } : source);
        var report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["hidden_states.5"], report.Entries.Where(entry => !entry.Passed).Select(entry => entry.Name));
        Assert.Equal(14, report.Entries.Count);
    }

    /// <summary>Right-padded, the same rows give the same logits.</summary>
    [Fact]
    public void Run_MaskWithPaddingOnTheRight_IsComparedThere()
    {
        CopyGolden();
        Rewrite(source => source.Name is "padded_input_ids" or "attention_mask" or "padded_logits" ? Rotated(source, [0, 17, 32]) : source);
        var report = ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(report.Passed, Failures(report));
    }

    [Fact]
    public void Run_MaskWithHoles_IsRefused()
    {
        CopyGolden();
        Rewrite("attention_mask", bytes => bytes[8 * 5] ^= 1);
        Assert.Contains("tensor 'attention_mask': found 1 1 1 1 1 0 1", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_GoldenThatDoesNotFit_IsRefused()
    {
        CopyGolden();
        File.WriteAllText(_folder.File("golden.json"), """{"steering":{"layer":9,"site":"mixer_output","channels":[1],"scalar":2}}""");
        Assert.Contains("golden.json: steering:", Refusal(), StringComparison.Ordinal);
        File.Delete(_folder.File("golden.json"));
        Assert.Contains("golden.json: cannot be read", Refusal(), StringComparison.Ordinal);
        File.Delete(_folder.File("golden.safetensors"));
        File.WriteAllText(_folder.File("golden.json"), "{}");
        Assert.Contains("golden.safetensors: found no file, expected the tensors", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NothingToCompare_Fails()
    {
        var report = ModelCheck.Run(ShippedFiles.Planted, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(report.Entries);
        Assert.False(report.Passed);
    }

    private static string Golden() => Fixtures.Golden("mamba-0");

    private void CopyGolden()
    {
        foreach (var file in Directory.GetFiles(Golden()))
            File.WriteAllBytes(_folder.File(Path.GetFileName(file)), File.ReadAllBytes(file));
    }

    private void Rewrite(string name, Action<byte[]> change) => Rewrite(source =>
    {
        if (source.Name != name)
            return source;
        var bytes = Bytes(source);
        change(bytes);
        return SafetensorsSource.Of(source.Name, source.Dtype, source.Shape, bytes);
    });

    private void Rewrite(Func<SafetensorsSource, SafetensorsSource> change)
    {
        var path = _folder.File("golden.safetensors");
        List<SafetensorsSource> tensors;
        using (var file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Tensors.Values.Select(entry => change(SafetensorsSource.Of(entry.Name, entry.Dtype, entry.Shape, file.Bytes(entry.Name).ToArray())))];
        }

        SafetensorsWriter.Write(path, tensors);
    }

    private static byte[] Bytes(SafetensorsSource source)
    {
        var stream = new MemoryStream();
        source.Write(stream);
        return stream.ToArray();
    }

    /// <summary>Each row of the first axis moved left by so many positions, what falls off put at its end.</summary>
    private static SafetensorsSource Rotated(SafetensorsSource source, int[] by)
    {
        var bytes = Bytes(source);
        var row = bytes.Length / by.Length;
        var position = row / (int)source.Shape[1];
        return SafetensorsSource.Of(source.Name, source.Dtype, source.Shape, bytes.Chunk(row).SelectMany((values, index) => values.Skip(by[index] * position).Concat(values.Take(by[index] * position))).ToArray());
    }

    private string Refusal() =>
        Assert.Throws<InvalidCheckpointException>(() => ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken)).Message;

    private static string Failures(ModelCheckReport report) =>
        string.Join("; ", report.Entries.Where(entry => !entry.Passed).Select(entry => $"{entry.Name}: {entry.Difference} {entry.Measure} {entry.Detail}"));
}
