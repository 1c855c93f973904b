using Sweep.Contracts.Plans;
using Xunit;

namespace Sweep.Contracts.Tests.Plans;

public sealed class PlanValidatorTests
{
    private static readonly BottleneckPlan Bottleneck = new() { Name = "b", Layer = 3, Channels = new ChannelsPlan { Explicit = [1, 2] } };

    private static readonly SweepPlan Valid = new()
    {
        Name = "valid",
        Models = ["models/a"],
        Benchmarks = [new BenchmarkPlan { Name = "squad", Data = "s.json" }],
        Bottlenecks = [Bottleneck],
        Scalars = [0.5, 2],
    };

    private static readonly HypothesisPlan Claim = new() { Name = "h", Statement = "it helps", Bottleneck = "b", Direction = "better" };

    public static TheoryData<string, SweepPlan> Broken => new()
    {
        { "hypotheses[0].bottleneck: found 'c', expected b", Claiming(Claim with { Bottleneck = "c" }) },
        { "hypotheses[0].direction: found 'up', expected better, worse or equivalent", Claiming(Claim with { Direction = "up" }) },
        { "hypotheses[0].statement: found ' '", Claiming(Claim with { Statement = " " }) },
        { "hypotheses[1].name: found 'h' a second time (first at hypotheses[0].name), expected each name once", Claiming(Claim, Claim) },
        { "hypotheses[0].benchmarks[0]: found 'drop', expected squad", Claiming(Claim with { Benchmarks = ["drop"] }) },
        { "hypotheses[0].models: found an empty list, expected at least a model", Claiming(Claim with { Models = [] }) },
        { "hypotheses[0].than[0]: found 'b', expected none", Claiming(Claim with { Than = ["b"] }) },
        { "hypotheses[0].scalar: found 3, expected a scalar of bottleneck 'b'", Claiming(Claim with { Scalar = 3 }) },
        { "hypotheses[0]: found both scalar and chosen, expected one of them", Claiming(Claim with { Scalar = 2, Chosen = 2 }) },
        { "hypotheses[0].smallest_effect.points: found 0, expected points above 0 and below 100", Claiming(Claim with { SmallestEffect = new SmallestEffectPlan { Points = 0 } }) },
        { "hypotheses[0].direction: found 'worse' against controls, expected better", Claiming(Claim with { Against = "controls", Direction = "worse" }) },
        { "hypotheses[0].metric: found metric against controls, expected it against the baseline only", Claiming(Claim with { Against = "controls", Metric = "f1" }) },
        { "hypotheses[0].against: found controls in a plan without random ones", Claiming(Claim with { Against = "controls" }) with { Controls = new ControlsPlan { Random = 0 } } },
        { "name: found ''", Valid with { Name = "" } },
        { "name: found 'a b'", Valid with { Name = "a b" } },
        { "models: found an empty list", Valid with { Models = [] } },
        { "models[0]: found ' '", Valid with { Models = [" "] } },
        { "models[1]: found 'a' a second time", Valid with { Models = ["x/a", "y/a/"] } },
        { "benchmarks: found an empty list", Valid with { Benchmarks = [] } },
        { "benchmarks[0].name: found 'sqad', expected squad, triviaqa", Valid with { Benchmarks = [new BenchmarkPlan { Name = "sqad", Data = "s" }] } },
        { "benchmarks[0].items: found 0, expected a whole number of at least 1", Valid with { Benchmarks = [Valid.Benchmarks[0] with { Items = 0 }] } },
        { "benchmarks[1]: found 'squad' a second time (first at benchmarks[0])", Valid with { Benchmarks = [Valid.Benchmarks[0], Valid.Benchmarks[0]] } },
        { "benchmarks[0]: found window for 'squad', expected it for text or corpus only", Valid with { Benchmarks = [Valid.Benchmarks[0] with { Window = 8 }] } },
        { "benchmarks[0]: found no window, expected one", Valid with { Benchmarks = [new BenchmarkPlan { Name = "corpus", Data = "c" }] } },
        { "benchmarks[0].stride: found stride without window", Valid with { Benchmarks = [new BenchmarkPlan { Name = "text", Data = "c", Stride = 2 }] } },
        { "benchmarks[0].stride: found 9, expected a whole number from 1 to 8", Valid with { Benchmarks = [new BenchmarkPlan { Name = "text", Data = "c", Window = 8, Stride = 9 }] } },
        { "bottlenecks: found an empty list", Valid with { Bottlenecks = [] } },
        { "bottlenecks[1].name: found 'b' a second time", Valid with { Bottlenecks = [Bottleneck, Bottleneck] } },
        { "bottlenecks[0]: found neither layer nor depth", Valid with { Bottlenecks = [Bottleneck with { Layer = null }] } },
        { "bottlenecks[0]: found both layer and depth", Valid with { Bottlenecks = [Bottleneck with { Depth = 0.5 }] } },
        { "bottlenecks[0].layer: found -1", Valid with { Bottlenecks = [Bottleneck with { Layer = -1 }] } },
        { "bottlenecks[0].depth: found 1, expected a number from 0 to below 1", Valid with { Bottlenecks = [Bottleneck with { Layer = null, Depth = 1 }] } },
        { "bottlenecks[0].depth: found NaN", Valid with { Bottlenecks = [Bottleneck with { Layer = null, Depth = double.NaN }] } },
        { "bottlenecks[0].site: found 'Mixer'", Valid with { Bottlenecks = [Bottleneck with { Site = "Mixer" }] } },
        { "bottlenecks[0].operation: found 'double'", Valid with { Bottlenecks = [Bottleneck with { Operation = "double" }] } },
        { "bottlenecks[0].positions: found 'first'", Valid with { Bottlenecks = [Bottleneck with { Positions = "first" }] } },
        { "bottlenecks[0].channels: found no channels", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan() }] } },
        { "bottlenecks[0].channels: found several recipes", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { All = true, Explicit = [1] } }] } },
        { "bottlenecks[0].channels[1]: found 1 a second time", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Explicit = [1, 1] } }] } },
        { "bottlenecks[0].channels[0]: found -4", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Explicit = [-4] } }] } },
        { "bottlenecks[0]: found top without by", Valid with { Calibration = new CalibrationPlan { Data = "t" }, Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Top = 4 } }] } },
        { "bottlenecks[0]: found a top recipe in a plan without calibration", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Top = 4, By = "variance" } }] } },
        { "bottlenecks[0]: found random without seeds", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Random = 4 } }] } },
        { "bottlenecks[0].seeds[1]: found 3 a second time", Valid with { Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Random = 4, Seeds = [3, 3] } }] } },
        { "bottlenecks[0].values: found values for 'scale'", Valid with { Bottlenecks = [Bottleneck with { Values = [1, 2] }] } },
        { "bottlenecks[0].values: found 1 values, expected 2", Valid with { Bottlenecks = [Bottleneck with { Operation = "add", Values = [1] }] } },
        { "bottlenecks[0].scalars: found scalars, expected none", Valid with { Bottlenecks = [Bottleneck with { Operation = "zero_ablate", Scalars = [2] }] } },
        { "bottlenecks[0].site: found site beside parts", Valid with { Bottlenecks = [new BottleneckPlan { Name = "b", Site = "Gate", Parts = [new BottleneckPartPlan { Layer = 1, Channels = new ChannelsPlan { All = true } }] }] } },
        { "bottlenecks[0].parts[0].seeds: found 2 seeds, expected one in a part", Valid with { Bottlenecks = [new BottleneckPlan { Name = "p", Parts = [new BottleneckPartPlan { Layer = 1, Channels = new ChannelsPlan { Random = 2, Seeds = [1, 2] } }] }] } },
        { "scalars: found no scalars, expected at least one for bottleneck 'b'", Valid with { Scalars = [] } },
        { "scalars[1]: found Infinity", Valid with { Scalars = [1, double.PositiveInfinity] } },
        { "scalars[1]: found 2 a second time", Valid with { Scalars = [2, 2] } },
        { "decoding: found neither", Valid with { Decoding = new DecodingPlan { Generate = false, LogLikelihood = false } } },
        { "decoding.generate: found false, expected true: ifeval", Valid with { Decoding = new DecodingPlan { Generate = false }, Benchmarks = [new BenchmarkPlan { Name = "ifeval", Data = "i" }] } },
        { "controls.random: found -1", Valid with { Controls = new ControlsPlan { Random = -1 } } },
        { "controls.other_layers: found -1", Valid with { Controls = new ControlsPlan { OtherLayers = -1 } } },
        { "controls: found equal_norm in a plan without calibration", Valid with { Controls = new ControlsPlan { EqualNorm = true } } },
        { "smallest_effect.points: found 100", Valid with { SmallestEffect = new SmallestEffectPlan { Points = 100 } } },
        { "smallest_effect.nats: found -1", Valid with { SmallestEffect = new SmallestEffectPlan { Nats = -1 } } },
        { "calibration.documents: found 0", Valid with { Calibration = new CalibrationPlan { Data = "c", Documents = 0 } } },
        { "split.selection: found 1", Valid with { Split = new SplitPlan { Selection = 1 } } },
        { "benchmarks[0].split: found shares that add up to 1.2", Valid with { Benchmarks = [Valid.Benchmarks[0] with { Split = new SplitPlan { Selection = 0.6, Validation = 0.6 } }] } },
        { "split: found shares that add up to 1", Valid with { Split = new SplitPlan { Selection = 0.5, Validation = 0.5 } } },
        { "split.folds: found 1, expected a whole number from 2 to 100", Valid with { Split = new SplitPlan { Folds = 1 } } },
        { "split: found shares beside folds", Valid with { Split = new SplitPlan { Folds = 5, Selection = 0.3 } } },
        { "search: found 'screening' beside 4 folds, expected a split of shares", Valid with { Search = new SearchPlan { Method = "screening" }, Benchmarks = [Valid.Benchmarks[0] with { Split = new SplitPlan { Folds = 4 } }] } },
        { "bottlenecks[0].by: found 'scaling' beside 5 folds, expected a split of shares", Valid with { Split = new SplitPlan { Folds = 5 }, Bottlenecks = [Bottleneck with { Channels = new ChannelsPlan { Top = 4, By = "scaling" } }] } },
        { "context_limit: found 0", Valid with { ContextLimit = 0 } },
        { "precision: found 'fp8', expected fp32, tf32, bf16 or fp16", Valid with { Precision = "fp8" } },
        { "owner: found ''", Valid with { Owner = "" } },
        { "weight: found 0", Valid with { Weight = 0 } },
        { "budget.jobs: found 0", Valid with { Budget = new BudgetPlan { Jobs = 0 } } },
        { "budget.device_seconds: found NaN", Valid with { Budget = new BudgetPlan { DeviceSeconds = double.NaN } } },
    };

    [Fact]
    public void Validate_ValidPlan_FindsNothing() => Assert.Empty(PlanValidator.Validate(Valid));

    [Theory]
    [MemberData(nameof(Broken))]
    public void Validate_OneThingWrong_FindsItAndNothingElse(string expected, SweepPlan plan) =>
        Assert.StartsWith(expected, Assert.Single(PlanValidator.Validate(plan)).ToString());

    private static SweepPlan Claiming(params HypothesisPlan[] hypotheses) => Valid with { Hypotheses = hypotheses };
}
