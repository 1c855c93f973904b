using Sweep.Models.Identification;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Identification;

/// <summary>Patched activations against whole runs of a model in double that shares no code with the engine, and no prefix with anything.</summary>
public sealed class PatchingTests
{
    private const int Answer = 11;
    private const int Alternative = 12;

    private static readonly MambaConfig Config = RandomMamba.Config();
    private static readonly int[] Clean = [3, 1, 4, 1, 5, 9, 2, 6];
    private static readonly int[] Corrupted = [3, 1, 8, 1, 7, 9, 2, 6];

    private static Patch[] Places { get; } =
    [
        new() { Layer = 2, Site = Site.MixerOutput, Channels = [0, 4, 6] },
        new() { Layer = 1, Site = Site.SsmOutput, Channels = [3] },
        new() { Layer = 0, Site = Site.Convolution, Channels = [1, 2, 30] },
        new() { Layer = 1, Site = Site.Delta, Channels = [.. Enumerable.Range(0, Config.DInner)] },
        new() { Layer = 1, Site = Site.Gate, Channels = [5] },
        new() { Layer = 0, Site = Site.ResidualPost, Channels = [.. Enumerable.Range(0, Config.DModel)] },
        new() { Layer = 2, Site = Site.ResidualPost, Channels = [.. Enumerable.Range(0, Config.DModel)] },
    ];

    [Fact]
    public void Patching_AtAllPositions_IsThatOfTheChangedModel()
    {
        using var model = RandomMamba.Model(Config);

        var outcome = Run(model, Places);

        Close(Difference(Clean, null, Corrupted), outcome.Clean);
        Close(Difference(Corrupted, null, Clean), outcome.Corrupted);
        AgreesWithWholeRuns(outcome, Places);

        // The whole residual stream after the last layer is everything there is.
        Close(outcome.Clean - outcome.Corrupted, outcome.Lost[^1]);
        Close(outcome.Clean - outcome.Corrupted, outcome.Gained[^1]);
    }

    [Fact]
    public void Patching_OfSomePositions_IsThatOfTheChangedModel()
    {
        using var model = RandomMamba.Model(Config);
        int[][] positions = [[2], [3], [4], [7], [2, 3, 4], [0, 4, 6], [5, 7]];
        Patch[] patches = [.. positions.SelectMany(at => Places.Select(place => place with { Positions = at }))];

        var outcome = Run(model, patches);

        AgreesWithWholeRuns(outcome, patches);
        Assert.Contains(outcome.Lost, effect => Math.Abs(effect) > 0.01);
    }

    [Fact]
    public void Patching_BeforeThePromptsDiffer_DoesNothing()
    {
        using var model = RandomMamba.Model(Config);

        var outcome = Run(model, [.. Places.Select(place => place with { Positions = [0, 1] })]);

        Assert.All(outcome.Lost.Concat(outcome.Gained), effect => Assert.Equal(0, effect));
        Close(Difference(Clean, null, Corrupted), outcome.Clean);
    }

    [Fact]
    public void Patching_OfEveryPosition_IsPatchingOfAll()
    {
        using var model = RandomMamba.Model(Config);

        var (all, named) = (Run(model, Places), Run(model, [.. Places.Select(place => place with { Positions = [.. Enumerable.Range(0, Clean.Length)] })]));

        Assert.Equal(all.Lost, named.Lost);
        Assert.Equal(all.Gained, named.Gained);
    }

    [Fact]
    public void Patching_OfMorePlacesThanAPassHolds_IsThatOfEachByItself()
    {
        using var model = RandomMamba.Model(Config);
        Patch[] patches = [.. Enumerable.Range(0, 20).Select(channel => new Patch { Layer = channel % 3, Site = Site.MixerOutput, Channels = [channel], Positions = [4] })];

        var together = Run(model, patches);

        // Of a difference of log-probabilities of some ten nats.
        foreach (var (index, patch) in patches.Index())
            TestDevice.AssertSame(Run(model, [patch]).Lost[0], together.Lost[index], 1e-4);
    }

    [Fact]
    public void Patching_PromptsThatAreTheSame_DoesNothing()
    {
        using var model = RandomMamba.Model(Config);

        var outcome = ActivationPatching.Run(model, Clean, Clean, Answer, Alternative, Places, TestContext.Current.CancellationToken);

        Assert.Equal(outcome.Clean, outcome.Corrupted);
        Assert.All(outcome.Lost.Concat(outcome.Gained), effect => Assert.Equal(0, effect, 1e-5));
    }

    [Fact]
    public void Patching_PromptsOfUnequalLength_IsRefused()
    {
        using var model = RandomMamba.Model(Config);

        Assert.Throws<ArgumentException>(() => ActivationPatching.Run(model, Clean, [1], 0, 1, [], TestContext.Current.CancellationToken));
    }

    private static ActivationPatching.Outcome Run(MambaModel model, IReadOnlyList<Patch> patches) =>
        ActivationPatching.Run(model, Clean, Corrupted, Answer, Alternative, patches, TestContext.Current.CancellationToken);

    private static void AgreesWithWholeRuns(ActivationPatching.Outcome outcome, Patch[] patches)
    {
        for (var patch = 0; patch < patches.Length; patch++)
        {
            Close(Difference(Clean, patches[patch], Corrupted), outcome.Clean - outcome.Lost[patch]);
            Close(Difference(Corrupted, patches[patch], Clean), outcome.Corrupted + outcome.Gained[patch]);
        }
    }

    private static double Difference(int[] tokens, Patch? patch, int[] source)
    {
        using var scope = NewDisposeScope();
        var plain = new PlainMamba(Config, RandomMamba.Tensors(Config, 1));
        Tensor? other = null;
        Tensor Input(int[] words) => tensor(words.Select(token => (long)token).ToArray());
        bool Here(int layer, Site site) => patch?.Layer == layer && patch.Site == site;
        plain.Forward(Input(source), (layer, site, activation) =>
        {
            if (Here(layer, site))
                other = activation.clone().MoveToOuterDisposeScope();
            return activation;
        });
        var logits = plain.Forward(Input(tokens), (layer, site, activation) =>
        {
            if (!Here(layer, site))
                return activation;
            var changed = activation.clone(); // [L, width]
            foreach (var position in patch!.Positions ?? [.. Enumerable.Range(0, tokens.Length)])
            {
                foreach (var channel in patch.Channels)
                    changed[position, channel] = other![position, channel];
            }

            return changed;
        });
        return (logits[^1][Answer] - logits[^1][Alternative]).item<double>();
    }

    private static void Close(double expected, double actual) => Assert.InRange(Math.Abs(actual - expected), 0, 1e-4 * Math.Max(0.1, Math.Abs(expected)));
}
