using Sweep.Models.Checkpoints;
using Sweep.Models.Tests.Mamba;
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
        Assert.True(report.Entries.Count >= 3 && report.Entries.Count % 3 == 0);
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
    public void Run_GoldenThatDoesNotFit_IsRefused()
    {
        CopyGolden();
        File.WriteAllText(_folder.File("golden.json"), """{"steering":{"layer":9,"site":"mixer_output","channels":[1],"scalar":2}}""");
        Assert.Contains("golden.json: steering:", Refusal(), StringComparison.Ordinal);
        File.Delete(_folder.File("golden.json"));
        Assert.Contains("golden.json: cannot be read", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NothingToCompare_Fails()
    {
        var report = ModelCheck.Run(ShippedFiles.Planted, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(report.Entries);
        Assert.False(report.Passed);
    }

    private static string Golden()
    {
        var folder = GoldenFiles.Find("golden/mamba-0");
        Assert.SkipWhen(folder is null, "no golden/mamba-0 under $SWEEP_DATA or a folder shared above the repository");
        return folder!;
    }

    private void CopyGolden()
    {
        foreach (var file in Directory.GetFiles(Golden()))
            File.WriteAllBytes(_folder.File(Path.GetFileName(file)), File.ReadAllBytes(file));
    }

    private void Rewrite(string name, Action<byte[]> change)
    {
        var path = _folder.File("golden.safetensors");
        List<SafetensorsSource> tensors;
        using (var file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Tensors.Values.Select(entry =>
            {
                var bytes = file.Bytes(entry.Name).ToArray();
                if (entry.Name == name)
                    change(bytes);
                return SafetensorsSource.Of(entry.Name, entry.Dtype, entry.Shape, bytes);
            })];
        }

        SafetensorsWriter.Write(path, tensors);
    }

    private string Refusal() =>
        Assert.Throws<InvalidCheckpointException>(() => ModelCheck.Run(_folder.Path, cancellationToken: TestContext.Current.CancellationToken)).Message;

    private static string Failures(ModelCheckReport report) =>
        string.Join("; ", report.Entries.Where(entry => !entry.Passed).Select(entry => $"{entry.Name}: {entry.Difference} {entry.Measure} {entry.Detail}"));
}
