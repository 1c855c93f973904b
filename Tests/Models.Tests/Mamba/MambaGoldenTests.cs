using System.Text.Json;
using Sweep.Models.Checkpoints;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Tests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba;

public sealed class MambaGoldenTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly string _folder;
    private readonly MambaModel _model;
    private readonly Dictionary<string, Tensor> _golden;

    public MambaGoldenTests()
    {
        _folder = Fixtures.Golden("mamba-0");
        using var checkpoint = CheckpointFolder.Open(_folder);
        _model = checkpoint.LoadModel(device: TestDevice.Current);
        using var golden = SafetensorsFile.Open(Path.Combine(_folder, "golden.safetensors"));
        _golden = golden.Tensors.Keys.ToDictionary(name => name, name => golden.ReadTensor(name));
    }

    public void Dispose()
    {
        _model?.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Forward_GoldenTokens_GivesLogitsHiddenStatesAndMixerOutput()
    {
        var layers = Enumerable.Range(0, _model.Config.LayerCount).ToArray();
        var steering = Steering();
        using var recorder = new ActivationRecorder(layers.Select(layer => (layer, Site.ResidualPost)).Append((steering[0].Layer, Site.MixerOutput)));
        AssertClose("logits", _model.Forward(_golden["input_ids"], recorder: recorder));
        foreach (var layer in layers)
            AssertClose($"hidden_states.{layer}", recorder[layer, Site.ResidualPost]);
        AssertClose($"hidden_states.{layers.Length}", _model.FinalNorm(recorder[layers[^1], Site.ResidualPost]));
        AssertClose("mixer_output", recorder[steering[0].Layer, Site.MixerOutput]);
    }

    [Fact]
    public void Forward_SteeredGoldenTokens_GivesSteeredLogits()
    {
        var row = new PassRow { Steering = new(Steering(), _model.Config), PromptEnd = 37 };
        AssertClose("steered_logits", _model.Forward(_golden["input_ids"], rows: [row, row, row]));
    }

    [Fact]
    public void Forward_LeftPadded_GivesPaddedAndUnpaddedLogits()
    {
        var mask = _golden["attention_mask"];
        var starts = Enumerable.Range(0, 3).Select(row => 37 - (int)mask[row].sum().item<long>()).ToArray();
        var logits = _model.Forward(_golden["padded_input_ids"], new(starts, [37, 37, 37], 37));
        for (var row = 0; row < 3; row++)
        {
            var real = logits[row].narrow(0, starts[row], 37 - starts[row]);
            AssertClose($"padded_logits, row {row}", real, _golden["padded_logits"][row].narrow(0, starts[row], 37 - starts[row]));
            AssertClose($"unpadded_logits.{row}", real, _golden[$"unpadded_logits.{row}"][0]);
        }
    }

    [Theory]
    [InlineData("generated", false)]
    [InlineData("steered_generated", true)]
    public void Step_Greedy_GivesGoldenTokens(string name, bool steered)
    {
        var expected = _golden[name].data<long>().ToArray();
        var rows = steered ? new[] { new PassRow { Steering = new(Steering(), _model.Config), PromptEnd = 12 } } : null;
        var (logits, state) = _model.Prefill(_golden[name].narrow(1, 0, 12), TokenSpans.Full(1, 12), rows);
        using var owned = state;
        var tokens = expected[..12].ToList();
        while (tokens.Count < expected.Length)
        {
            var next = logits.argmax(1);
            tokens.Add(next.item<long>());
            logits = _model.Step(next, state, rows is null ? null : [rows[0] with { PromptEnd = 0 }]);
        }

        Assert.Equal(expected, tokens);
    }

    private Intervention[] Steering()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "golden.json")));
        var steering = document.RootElement.GetProperty("steering");
        return
        [
            new()
            {
                Layer = steering.GetProperty("layer").GetInt32(),
                Site = Site.MixerOutput,
                Operation = Operation.Scale,
                Channels = [.. steering.GetProperty("channels").EnumerateArray().Select(channel => channel.GetInt32())],
                Scalar = steering.GetProperty("scalar").GetDouble(),
            },
        ];
    }

    private void AssertClose(string name, Tensor actual) => AssertClose(name, actual, _golden[name]);

    private static void AssertClose(string name, Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.shape, actual.shape);
        actual = actual.cpu();
        var difference = (actual - expected).abs().max().item<float>() / expected.abs().max().item<float>();
        Assert.True(difference <= Tolerance, $"{name}: max|a-b| / max|b| is {difference}, at most {Tolerance} expected");
    }
}
