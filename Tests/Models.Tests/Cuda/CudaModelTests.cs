using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Mamba;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Cuda;

/// <summary>A model on a CUDA device against the same on the processor, and the ways through it against each other: blocks that nobody looks into, blocks that somebody does, and graphs.</summary>
[Trait("Device", "cuda")]
public sealed class CudaModelTests : IDisposable
{
    private readonly Device _device = TestDevice.Cuda();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly MambaConfig _config = RandomMamba.Config(dModel: 48, dInner: 96, dState: 16, vocabulary: 101);

    public static TheoryData<ScalarType, double> Tolerances => new() { { ScalarType.Float32, 5e-5 }, { ScalarType.Float16, 0.01 }, { ScalarType.BFloat16, 0.05 } };

    public void Dispose() => _scope.Dispose();

    /// <summary>In half dtypes as far from fp32 as the plain form in that dtype is, give or take.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Forward_PaddedRows_AgreesWithTheProcessor(ScalarType dtype)
    {
        using var there = Model(dtype);
        using var here = new MambaModel(_config, RandomMamba.Tensors(_config, 1));
        using var plain = new MambaModel(_config, RandomMamba.Tensors(_config, 1), CPU, dtype, new TorchOperations());
        var tokens = RandomMamba.Tokens(_config, 3, 37, seed: 2);
        var spans = new TokenSpans([0, 5, 3], [37, 37, 20], 37);
        var (expected, found, rounded) = (here.Forward(tokens, spans), there.Forward(tokens, spans), plain.Forward(tokens, spans));
        for (var row = 0; row < 3; row++)
        {
            Tensor Real(Tensor logits) => logits[row].narrow(0, spans.Start[row], spans.End[row] - spans.Start[row]);
            Close(Real(expected), Real(found), dtype == ScalarType.Float32 ? 1e-5 : 2.5 * Error(Real(expected), Real(rounded)));
        }
    }

    /// <summary>Values between the steps are the same numbers, seen or not.</summary>
    [Theory]
    [MemberData(nameof(Tolerances))]
    public void Forward_LookedIntoOrNot_GivesTheSameBits(ScalarType dtype, double tolerance)
    {
        Assert.InRange(tolerance, 0, 1);
        using var model = Model(dtype);
        var tokens = RandomMamba.Tokens(_config, 3, 37, seed: 2);
        using var recorder = new ActivationRecorder(SteerableSites.All.SelectMany(site => Enumerable.Range(0, _config.LayerCount).Select(layer => (layer, site))));
        Assert.True(model.Forward(tokens).equal(model.Forward(tokens, recorder: recorder)).all().item<bool>());
    }

    /// <summary>Eager steps first, then replays of the graph.</summary>
    [Theory]
    [MemberData(nameof(Tolerances))]
    public void Step_ReplayedFromAGraph_GoesOnAsOneLongPass(ScalarType dtype, double tolerance)
    {
        using var model = Model(dtype);
        var tokens = RandomMamba.Tokens(_config, 4, 20, seed: 3);
        var whole = model.Forward(tokens);
        var (logits, state) = model.Prefill(tokens.narrow(1, 0, 9));
        using var owned = state;
        Close(whole.select(1, 8), logits, tolerance);
        for (var t = 9; t < 20; t++)
            Close(whole.select(1, t), model.Step(tokens.select(1, t), state), tolerance);
        Assert.NotNull(state.Graph);
        var other = model.Prefill(tokens.narrow(1, 0, 9)).State;
        using var looking = new ActivationRecorder([]);
        for (var t = 9; t < 20; t++)
            model.RunLayers(tokens.narrow(1, t, 1), other, new Pass(TokenSpans.Full(4, 1), null, null, looking), TestContext.Current.CancellationToken);
        Assert.Null(other.Graph);
        for (var layer = 0; layer < _config.LayerCount; layer++)
            Assert.True(state.Ssm(layer).equal(other.Ssm(layer)).all().item<bool>());
        other.Dispose();
    }

    /// <summary>Three kernels take a token through a whole mixer, where the sizes fit: the steps one by one, which somebody looks into, give the same bits.</summary>
    [Theory]
    [InlineData(ScalarType.Float16, 1, 256, 16)]
    [InlineData(ScalarType.BFloat16, 9, 256, 16)]
    [InlineData(ScalarType.BFloat16, 16, 1536, 48)]
    [InlineData(ScalarType.Float16, 5, 2048, 64)]
    [InlineData(ScalarType.BFloat16, 70, 1536, 48)]
    [InlineData(ScalarType.Float16, 150, 256, 16)]
    [InlineData(ScalarType.BFloat16, 200, 256, 16)]
    public void Step_OfAWholeMixer_GivesTheBitsOfItsSteps(ScalarType dtype, int rows, int inner, int rank)
    {
        var config = RandomMamba.Config(layers: 2, dModel: inner / 2, dInner: inner, dState: 16, dtRank: rank, vocabulary: 101);
        using var model = new MambaModel(config, Tame(config), _device, dtype);
        using var plain = new MambaModel(config, Tame(config), CPU, dtype, new TorchOperations());
        using var exact = new MambaModel(config, Tame(config));
        var tokens = RandomMamba.Tokens(config, rows, 7, seed: 3);
        var (expected, rounded) = (exact.Forward(tokens).select(1, 6), plain.Forward(tokens).select(1, 6));
        var (_, unseen) = model.Prefill(tokens.narrow(1, 0, 3));
        var (_, seen) = model.Prefill(tokens.narrow(1, 0, 3));
        using var owned = unseen;
        using var alsoOwned = seen;
        using var recorder = new ActivationRecorder(SteerableSites.All.SelectMany(site => Enumerable.Range(0, config.LayerCount).Select(layer => (layer, site))));
        for (var t = 3; t < 7; t++)
        {
            var (a, b) = (model.Step(tokens.select(1, t), unseen), model.Forward(tokens.narrow(1, t, 1), recorder: recorder, state: seen).squeeze(1));
            Assert.True(a.equal(b).all().item<bool>(), $"step {t}");
            if (t == 6)
                Close(expected, a, 2.5 * Error(expected, rounded));
        }

        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            Assert.True(unseen.Ssm(layer).equal(seen.Ssm(layer)).all().item<bool>());
            Assert.True(unseen.Convolution(layer).equal(seen.Convolution(layer)).all().item<bool>());
        }
    }

    /// <summary>Tokens go from step to step on the device; states lie where the slots say, and a graph for more rows serves fewer.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, 5)]
    [InlineData(ScalarType.BFloat16, 5)]
    [InlineData(ScalarType.BFloat16, 9)]
    [InlineData(ScalarType.Float32, 11)]
    [InlineData(ScalarType.BFloat16, 66)]
    public void GreedySteps_OfRowsAnywhere_ChooseWhatStepsOneByOneChoose(ScalarType dtype, int rows)
    {
        var config = RandomMamba.Config(dModel: 128, dInner: 256, dState: 16, dtRank: 16, vocabulary: 101);
        using var model = new MambaModel(config, RandomMamba.Tensors(config, 1), _device, dtype);
        var tokens = RandomMamba.Tokens(config, rows, 9, seed: 3);
        var (logits, state) = model.Prefill(tokens);
        using var owned = state;
        var first = logits.argmax(1).to(int32).cpu().data<int>().ToArray();
        int[] slots = [rows + 1, 0, rows + 2, 2, .. Enumerable.Range(4, rows - 4)];
        state.Copy([new StateCopy(0, rows + 1, null, null), new StateCopy(2, rows + 2, null, null)], rows + 3, model.Operations);
        state.Copy([new StateCopy(1, 0, null, null)], rows + 3, model.Operations);
        state.Copy([new StateCopy(3, 2, null, null)], rows + 3, model.Operations);
        var (_, other) = model.Prefill(tokens);
        using var alsoOwned = other;
        using var steps = model.BeginGreedy(state, slots, first)!;
        steps.Launch();
        var chosen = logits.argmax(1);
        for (var step = 0; step < 12; step++)
        {
            steps.Launch();
            var choices = steps.Read();
            chosen = model.Step(chosen, other).argmax(1);
            Assert.Equal(chosen.to(int32).cpu().data<int>().ToArray(), choices.Select(choice => choice.Token));
            Assert.All(choices, choice => Assert.True(choice is { IsFinite: true, DivergedLayer: null }));
        }
    }

    /// <summary>Ten rows' graph serves nine, whose states go back to where they were; what is kept is not taken for long.</summary>
    [Fact]
    public void BeginGreedy_OfAsManyRowsOrFewer_TakesTheGraphThatIsThere()
    {
        var config = RandomMamba.Config(dModel: 128, dInner: 256, dState: 16, dtRank: 16, vocabulary: 101);
        using var model = new MambaModel(config, RandomMamba.Tensors(config, 1), _device, ScalarType.BFloat16);
        var (_, state) = model.Prefill(RandomMamba.Tokens(config, 10, 5, seed: 3));
        using var owned = state;
        int[] all = [.. Enumerable.Range(0, 10)];
        using (var ten = model.BeginGreedy(state, all, all)!)
        {
            ten.Launch();
            Assert.Equal(10, ten.Read().Length);
            using var untouched = state.Ssm(0).select(0, 9).clone();
            ten.Dispose();
            using var nine = model.BeginGreedy(state, all[..9], all[..9])!;
            Assert.Same(ten, nine);
            using var last = state.Ssm(0).select(0, 9).clone();
            Assert.False(untouched.equal(last).all().item<bool>());
            nine.Launch();
            Assert.Equal(9, nine.Read().Length);
            nine.Dispose();
            Assert.True(last.equal(state.Ssm(0).select(0, 9)).all().item<bool>());
        }

        model.ReleaseCaches();
        using var again = model.BeginGreedy(state, all, all)!;
        again.Launch();
        Assert.Equal(10, again.Read().Length);
    }

    [Fact]
    public void RunLayers_NumbersThatOverflow_AreFoundInEveryWayThroughABlock()
    {
        var tensors = RandomMamba.Tensors(_config, 1);
        tensors["backbone.layers.1.mixer.out_proj.weight"].fill_(float.PositiveInfinity);
        using var model = new MambaModel(_config, tensors, _device);
        var tokens = RandomMamba.Tokens(_config, 2, 11, seed: 2);
        foreach (var rows in (PassRow[]?[])[null, [Row(), Row()]])
        {
            var pass = new Pass(TokenSpans.Full(2, 11), null, rows);
            using var state = model.NewState(pass);
            model.RunLayers(tokens, state, pass, TestContext.Current.CancellationToken);
            Assert.Equal([(1, 0), (1, 0)], pass.DivergedAt.Select(at => at!.Value));
        }

        var steps = new Pass(TokenSpans.Full(2, 1));
        using var stepState = model.NewState(steps);
        for (var t = 0; t < 5; t++)
        {
            var step = new Pass(TokenSpans.Full(2, 1));
            model.RunLayers(tokens.narrow(1, t, 1), stepState, step, TestContext.Current.CancellationToken);
            Assert.Equal([(1, 0), (1, 0)], step.DivergedAt.Select(at => at!.Value));
        }

        PassRow Row() => new()
        {
            PromptEnd = 11,
            Steering = new([.. Enumerable.Range(0, 3).Select(layer => new Intervention { Layer = layer, Site = Site.Delta, Operation = Operation.Scale, Channels = [3], Scalar = 1.5 })], _config),
        };
    }

    [Fact]
    public void Scores_OfLogits_AreThoseOfTheProcessor()
    {
        using var model = Model(ScalarType.Float32);
        manual_seed(3);
        var logits = randn(5, 1003) * 4;
        logits[1, 700] = logits[1, 12] = 50;
        logits[3, 5] = float.NaN;
        IReadOnlyList<int>[] targets = [[3, 700], [], [1002], [1], [0, 5, 9]];
        // As a head gives them whose outputs are padded.
        var there = full([5, 1008], 99f).to(_device).narrow(1, 0, 1003);
        there.copy_(logits);
        var scores = DeviceScores.Of(model, there, targets)!;
        Assert.Equal([true, true, true, false, true], scores.AreFinite);
        var expected = nn.functional.log_softmax(logits.to(float64), 1);
        foreach (var row in (int[])[0, 1, 2, 4])
        {
            Assert.Equal(row == 1 ? 12 : (int)logits[row].argmax().item<long>(), scores.Likeliest[row]);
            Assert.Equal(targets[row].Count, scores.TargetLogProbabilities[row].Count);
            foreach (var (i, token) in targets[row].Index())
                Assert.InRange(scores.TargetLogProbabilities[row][i] - expected[row, token].item<double>(), -2e-6, 2e-6);
        }

        var kl = scores.Compare(model, [null, (scores, 0), (scores, 2), null, (scores, 0)]);
        Assert.Equal([true, false, false, true, false], kl.Select(value => value is null));
        Assert.Equal(0, kl[2]!.Value);
        foreach (var row in (int[])[1, 4])
        {
            var exact = (expected[0].exp() * (expected[0] - expected[row])).sum().item<double>();
            Assert.InRange(kl[row]!.Value / exact, 1 - 1e-5, 1 + 1e-5);
        }
    }

    /// <summary>Only what follows the last token of each row is asked for: the last block computes no more of it, and no other bits.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, 20, 40, 5, 3)]
    [InlineData(ScalarType.BFloat16, 256, 512, 16, 16)]
    [InlineData(ScalarType.Float16, 256, 512, 16, 16)]
    public void RunLayers_OnePositionWantedOfEachRow_GivesTheBitsOfAll(ScalarType dtype, int width, int inner, int states, int rank)
    {
        var config = RandomMamba.Config(dModel: width, dInner: inner, dState: states, dtRank: rank, vocabulary: 101);
        using var model = new MambaModel(config, Tame(config), _device, dtype);
        foreach (var rows in (int[])[3, 80])
        {
            var tokens = RandomMamba.Tokens(config, rows, 70, seed: 2);
            var spans = new TokenSpans([.. Enumerable.Range(0, rows).Select(row => row % 3)], [.. Enumerable.Range(0, rows).Select(row => 70 - (row % 5))], 70);
            int[] wanted = [.. Enumerable.Range(0, rows).Select(row => spans.End[row] - 1 - (row % 2))];
            var (all, some) = (new Pass(spans), new Pass(spans) { Wanted = wanted });
            using var allState = model.NewState(all);
            using var someState = model.NewState(some);
            var whole = model.RunLayers(tokens, allState, all, TestContext.Current.CancellationToken);
            var part = model.RunLayers(tokens, someState, some, TestContext.Current.CancellationToken);
            Assert.Equal([rows, 1, width], part.shape);
            for (var row = 0; row < rows; row++)
                Assert.True(whole[row, wanted[row]].equal(part[row, 0]).all().item<bool>(), $"row {row} of {rows}");
            for (var layer = 0; layer < config.LayerCount; layer++)
                Assert.True(allState.Ssm(layer).equal(someState.Ssm(layer)).all().item<bool>());
        }
    }

    /// <summary>Random weights whose products stay of the size of what goes in, whatever the width.</summary>
    private static Dictionary<string, Tensor> Tame(MambaConfig config)
    {
        var tensors = RandomMamba.Tensors(config, 1);
        foreach (var (name, matrix) in tensors.Where(item => item.Key.EndsWith("_proj.weight", StringComparison.Ordinal)))
            matrix.mul_(3 / Math.Sqrt(matrix.shape[1]));
        return tensors;
    }

    private static void Close(Tensor expected, Tensor found, double tolerance)
    {
        Assert.Equal(expected.shape, found.shape);
        var error = Error(expected, found);
        Assert.True(error <= tolerance, $"max|a-b| / max|b| is {error}, at most {tolerance} expected");
    }

    private static double Error(Tensor expected, Tensor found) => (found.cpu() - expected.cpu()).abs().max().item<float>() / expected.cpu().abs().max().item<float>();

    private MambaModel Model(ScalarType dtype) => new(_config, RandomMamba.Tensors(_config, 1), _device, dtype);
}
