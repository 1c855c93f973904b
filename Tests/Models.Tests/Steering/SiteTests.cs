using CsCheck;
using Sweep.Models.Architectures;
using Sweep.Models.FalconMamba;
using Sweep.Models.Kernels;
using Sweep.Models.Mamba;
using Sweep.Models.Mamba2;
using Sweep.Models.Steering;
using Sweep.Models.Tests.Cuda;
using Sweep.Models.Tests.Mamba;
using Sweep.Models.Tests.Mamba2;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Steering;

/// <summary>Both forms of each architecture's block against its plain model: every site, operation and choice of positions, padded on either side.</summary>
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

    private static readonly Gen<ModelConfig> Mamba =
        from useBias in Gen.Bool
        from convBias in Gen.Bool
        from tied in Gen.Bool
        select (ModelConfig)RandomMamba.Config(layers: 2, dModel: 13, dInner: 26, dState: 3, dtRank: 2, useBias: useBias, tied: tied, convBias: convBias);

    private static readonly Gen<ModelConfig> FalconMamba = Mamba.Select(config => (ModelConfig)new FalconMambaConfig((MambaConfig)config with { ModelType = "falcon_mamba" }, 1e-6));

    private static readonly Gen<ModelConfig> Mamba2 =
        from useBias in Gen.Bool
        from convBias in Gen.Bool
        from tied in Gen.Bool
        from heads in Gen.OneOf(Gen.Const((13, 2, 1)), Gen.Const((14, 3, 2)), Gen.Const((16, 1, 4)))
        from grouped in Gen.Bool
        from limited in Gen.Bool
        from chunk in Gen.Int[1, 5]
        select (ModelConfig)(RandomMamba2.Config(
            layers: 2, dModel: 13, heads: heads.Item1, headDim: heads.Item2, groups: heads.Item3, normGroups: grouped ? heads.Item3 : 1, dState: 3, useBias: useBias, tied: tied, convBias: convBias)
            with
        { ChunkSize = chunk, DeltaMinimum = limited ? 0.05 : 0, DeltaMaximum = limited ? 0.2 : double.PositiveInfinity });

    public static TheoryData<string> Architectures => [.. ArchitectureCatalog.All.Select(architecture => architecture.ModelType)];

    public static TheoryData<string, bool> Forms => new MatrixTheoryData<string, bool>([.. Architectures.Select(row => row.Data)], [true, false]);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Forward_AnyRowsPaddedAnyWay_EqualsThePlainModel(string modelType, bool fast) => EqualsThePlainModel(modelType, CPU, () => fast ? new CpuOperations() : new TorchOperations());

    [Theory]
    [MemberData(nameof(Architectures))]
    [Trait("Device", "cuda")]
    public void Forward_AnyRowsPaddedAnyWayOnCuda_EqualsThePlainModel(string modelType) => EqualsThePlainModel(modelType, TestDevice.Cuda(), () => null);

    private static Gen<ModelConfig> Configs(string modelType) => modelType switch
    {
        "mamba" => Mamba,
        "mamba2" => Mamba2,
        "falcon_mamba" => FalconMamba,
        _ => throw new NotSupportedException($"{modelType}: a new architecture takes a plain model of its own"),
    };

    private static void EqualsThePlainModel(string modelType, Device device, Func<BlockOperations?> operations) => Problems(Configs(modelType)).Sample(
        problem =>
        {
            using var scope = NewDisposeScope();
            var tensors = problem.Config is Mamba2Config mamba2 ? RandomMamba2.Tensors(mamba2, problem.Seed) : RandomMamba.Tensors((MambaConfig)problem.Config, problem.Seed);
            PlainModel plain = problem.Config is Mamba2Config other ? new PlainMamba2(other, tensors) : new PlainMamba((MambaConfig)problem.Config, tensors);
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
        iter: 60,
        threads: 1);

    private static Gen<Problem> Problems(Gen<ModelConfig> configs) =>
        from seed in Gen.Int[1, 1_000_000]
        from config in configs
        from rows in Gen.Select(Gen.Int[1, 11], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 12], Interventions.Array[0, 4]).Array[1, 4]
        select new Problem(seed, config, rows);

    private sealed record Problem(int Seed, ModelConfig Config, (int Length, int Left, int Right, int PromptEnd, Intervention[] Interventions)[] Rows);
}
