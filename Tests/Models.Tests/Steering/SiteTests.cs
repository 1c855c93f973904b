using CsCheck;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

/// <summary>Both forms of the block against <see cref="PlainMamba"/>: every site, operation and choice of positions, padded on either side.</summary>
public sealed class SiteTests
{
    private static readonly Gen<Intervention> Interventions =
        from layer in Gen.Int[0, 1]
        from site in Gen.Int[0, SteerableSites.All.Count - 1]
        from operation in Gen.Enum<Operation>()
        from positions in Gen.Enum<PositionScope>()
        from scalar in Gen.Double[-2, 3]
        from channels in Gen.Int[0, 12].HashSet[1, 5]
        from values in Gen.Double[-1, 1].Array[channels.Count]
        select new Intervention
        {
            Layer = layer,
            Site = SteerableSites.All[site],
            Operation = operation,
            Positions = positions,
            Scalar = scalar,
            Channels = [.. channels.Order()],
            Values = operation is Operation.MeanAblate or Operation.Add ? values : null,
        };

    private static readonly Gen<Problem> Problems =
        from seed in Gen.Int[1, 1_000_000]
        from useBias in Gen.Bool
        from convBias in Gen.Bool
        from tied in Gen.Bool
        from rows in Gen.Select(Gen.Int[1, 11], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 12], Interventions.Array[0, 4]).Array[1, 4]
        select new Problem(seed, RandomMamba.Config(layers: 2, dModel: 13, dInner: 26, dState: 3, dtRank: 2, useBias: useBias, tied: tied, convBias: convBias), rows);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Forward_AnyRowsPaddedAnyWay_EqualsThePlainModel(bool fast) => EqualsThePlainModel(CPU, () => fast ? new CpuOperations() : new TorchOperations());

    [Fact]
    [Trait("Device", "cuda")]
    public void Forward_AnyRowsPaddedAnyWayOnCuda_EqualsThePlainModel() => EqualsThePlainModel(TestDevice.Cuda(), () => null);

    private static void EqualsThePlainModel(Device device, Func<BlockOperations?> operations) => Problems.Sample(
        problem =>
        {
            using var scope = NewDisposeScope();
            var tensors = RandomMamba.Tensors(problem.Config, problem.Seed);
            var plain = new PlainMamba(problem.Config, tensors);
            using var model = new MambaModel(problem.Config, tensors, device, float32, operations());
            var length = problem.Rows.Max(row => row.Left + row.Length + row.Right);
            var tokens = RandomMamba.Tokens(problem.Config, problem.Rows.Length, length, problem.Seed);
            var spans = new TokenSpans([.. problem.Rows.Select(row => row.Left)], [.. problem.Rows.Select(row => row.Left + row.Length)], length);
            var rows = problem.Rows.Select(row => new PassRow { Steering = new(row.Interventions, problem.Config), PromptEnd = row.Left + Math.Min(row.PromptEnd, row.Length) }).ToArray();
            var logits = model.Forward(tokens, spans, rows);
            foreach (var (index, row) in problem.Rows.Index())
            {
                var own = tokens[index].narrow(0, row.Left, row.Length);
                var expected = plain.Forward(own, PlainSteering.Hook(row.Interventions, Math.Min(row.PromptEnd, row.Length)));
                var found = logits[index].narrow(0, row.Left, row.Length).cpu().to(float64);
                var difference = (found - expected).abs().max().item<double>() / expected.abs().max().item<double>();
                Assert.True(difference <= 1e-4, $"row {index}: {difference}");
            }
        },
        iter: 80,
        threads: 1);

    private sealed record Problem(int Seed, MambaConfig Config, (int Length, int Left, int Right, int PromptEnd, Intervention[] Interventions)[] Rows);
}
