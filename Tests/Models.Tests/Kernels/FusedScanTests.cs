using CsCheck;
using Sweep.Models.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Kernels;

[Trait("Category", "Kernels")]
public sealed class FusedScanTests
{
    private static readonly Gen<Shape> Shapes =
        from rows in Gen.Int[1, 4]
        from length in Gen.Int[1, 37]
        from width in Gen.Int[1, 50]
        from states in Gen.Int[1, 64]
        from seed in Gen.Int[0, 1_000_000]
        select new Shape(rows, length, width, states, seed);

    [Fact]
    public void Run_RandomShapesAndSpans_AgreesWithTheOracle() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(shape);
        var (expected, expectedState) = problem.Oracle(gated: true);
        var state = problem.State.transpose(1, 2).contiguous().clone();
        var found = FusedScan.Run(problem.Inputs(state) with { Z = problem.Z });
        var (terms, stateTerms) = problem.Terms(gated: true);
        Assert.InRange(Error(found, expected, terms), 0, 1e-5);
        Assert.InRange(Error(state.transpose(1, 2), expectedState, stateTerms), 0, 1e-5);
    }, iter: 60, threads: 1);

    [Fact]
    public void Run_WithoutGate_ReturnsTheScanOutput() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(shape);
        var (expected, _) = problem.Oracle(gated: false);
        Assert.InRange(Error(FusedScan.Run(problem.Inputs(problem.State.transpose(1, 2).contiguous().clone())), expected, problem.Terms(gated: false).Y), 0, 1e-5);
    }, iter: 30, threads: 1);

    [Fact]
    public void Run_SequenceCutInTwo_IsBitEqual() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(shape) with { Spans = null };
        var whole = problem.State.transpose(1, 2).contiguous().clone();
        var expected = FusedScan.Run(problem.Inputs(whole) with { Z = problem.Z });
        var cut = shape.Length / 2;
        var parts = problem.State.transpose(1, 2).contiguous().clone();
        var first = problem.Slice(0, cut);
        var second = problem.Slice(cut, shape.Length);
        var found = cat([FusedScan.Run(first.Inputs(parts) with { Z = first.Z }), FusedScan.Run(second.Inputs(parts) with { Z = second.Z })], 1);
        AssertSame(expected, found);
        AssertSame(whole, parts);
    }, iter: 30, threads: 1);

    [Fact]
    public void Run_RowAlone_IsBitEqualToTheRowInABatch() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(shape);
        var state = problem.State.transpose(1, 2).contiguous().clone();
        var batch = FusedScan.Run(problem.Inputs(state) with { Z = problem.Z });
        var row = problem.Row(shape.Rows - 1);
        var alone = FusedScan.Run(row.Inputs(row.State.transpose(1, 2).contiguous().clone()) with { Z = row.Z });
        AssertSame(batch[^1..], alone);
    }, iter: 30, threads: 1);

    [Fact]
    public void Run_PerRowScales_EqualSeparateProducts() => Shapes.Sample(shape =>
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(shape) with { Spans = null };
        var (scaleDelta, scaleOutput, scaleGate) = (rand(shape.Rows, shape.Width), rand(shape.Rows, shape.Width), rand(shape.Rows, shape.Width));
        Tensor State() => problem.State.transpose(1, 2).contiguous().clone();
        Tensor Flat(Func<Tensor, Tensor> map, Tensor x) => map(x.contiguous().view(-1, shape.Width)).view(x.shape);
        var delta = Flat(Elementwise.Softplus, problem.Raw) * scaleDelta.unsqueeze(1);
        var y = FusedScan.Run(problem.Inputs(State()) with { Delta = delta, DeltaIsActivated = true }) * scaleOutput.unsqueeze(1);
        var expected = y * (Flat(Elementwise.SiLU, problem.Z) * scaleGate.unsqueeze(1));
        AssertSame(expected, FusedScan.Run(problem.Inputs(State()) with
        {
            Z = problem.Z,
            DeltaScale = scaleDelta,
            OutputScale = scaleOutput,
            GateScale = scaleGate,
        }));
        var ones = torch.ones(shape.Rows, shape.Width);
        AssertSame(
            FusedScan.Run(problem.Inputs(State()) with { Z = problem.Z }),
            FusedScan.Run(problem.Inputs(State()) with { Z = problem.Z, DeltaScale = ones, OutputScale = ones, GateScale = ones }));
    }, iter: 30, threads: 1);

    /// <summary>One bad number anywhere: NaN and infinity reach what they reach in the oracle, the rest agrees, and so it does after steps of any size.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1e30f)]
    [InlineData(-500f)]
    [InlineData(500f)]
    public void Run_OneExtremeInput_GoesWhereTheOracleHasIt(float value) => Gen.Select(Shapes, Gen.Int[0, 6]).Sample(
        (shape, which) =>
        {
            using var scope = NewDisposeScope();
            var problem = Problem.Create(shape);
            var target = ((Tensor[])[problem.H, problem.Raw, problem.B, problem.C, problem.Z, problem.State, problem.D])[which];
            var random = new Random(shape.Seed);
            target[[.. target.shape.Select(size => TensorIndex.Single(random.NextInt64(size)))]] = tensor(value);
            var (terms, stateTerms) = problem.Terms(gated: true);
            var (expected, expectedState) = problem.Oracle(gated: true);
            var state = problem.State.transpose(1, 2).contiguous().clone();
            AssertSameWhereFinite(expected, FusedScan.Run(problem.Inputs(state) with { Z = problem.Z }), terms);
            AssertSameWhereFinite(expectedState, state.transpose(1, 2), stateTerms);
        },
        iter: 100, threads: 1);

    [Fact]
    public void Run_ShapesThatDoNotFit_AreRefused()
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(new Shape(2, 5, 8, 3, 1));
        var fits = problem.Inputs(zeros(2, 3, 8)) with { Z = problem.Z };
        FusedScan.Run(fits);
        void Refused(string name, ScanInputs inputs) => Assert.StartsWith(name, Assert.Throws<ArgumentException>(() => FusedScan.Run(inputs)).Message);
        Refused("Delta: found [2, 4, 8], expected [2, 5, 8]", fits with { Delta = problem.Raw.narrow(1, 0, 4) });
        Refused("A: found [3, 7], expected [3, 8]", fits with { A = randn(3, 7) });
        Refused("B: found [2, 5, 2], expected [2, 5, 3]", fits with { B = randn(2, 5, 2) });
        Refused("C: found 2 axes, expected 3", fits with { C = randn(5, 3) });
        Refused("D: found [7], expected [8]", fits with { D = randn(7) });
        Refused("Z: found [1, 5, 8], expected [2, 5, 8]", fits with { Z = randn(1, 5, 8) });
        Refused("State: found [2, 8, 3], expected [2, 3, 8]", fits with { State = zeros(2, 8, 3) });
        Refused("State: expected a contiguous tensor", fits with { State = zeros(2, 3, 16).narrow(2, 0, 8) });
        Refused("GateScale: found [2, 9], expected [2, 8]", fits with { GateScale = zeros(2, 9) });
        Refused("spans of 1 rows", fits with { Spans = TokenSpans.Full(1, 5) });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Run_AnyThreadCount_IsBitEqual(int threads)
    {
        using var scope = NewDisposeScope();
        var problem = Problem.Create(new Shape(4, 129, 384, 16, 7));
        var before = get_num_threads();
        Tensor Run() => FusedScan.Run(problem.Inputs(problem.State.transpose(1, 2).contiguous().clone()) with { Z = problem.Z });
        try
        {
            set_num_threads(1);
            var expected = Run();
            set_num_threads(threads);
            AssertSame(expected, Run());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    /// <summary>Relative to what is expected; where the terms of all its sums cancel to less than a tenth of their magnitude, to that tenth.</summary>
    private static double Error(Tensor found, Tensor expected, Tensor terms)
    {
        var scale = Math.Max(expected.abs().max().item<float>(), 0.1 * terms.max().item<float>());
        return (found - expected).abs().max().item<float>() / Math.Max(1e-20, scale);
    }

    private static void AssertSameWhereFinite(Tensor expected, Tensor found, Tensor terms)
    {
        var finite = expected.isfinite();
        AssertSame(finite, found.isfinite());
        Tensor Finite(Tensor x) => where(finite & x.isfinite(), x, zeros_like(x));
        Assert.InRange(Error(Finite(found), Finite(expected), Finite(terms)), 0, 1e-5);
    }

    private static void AssertSame(Tensor expected, Tensor found) => Assert.True(expected.equal(found).all().item<bool>());

    private sealed record Shape(int Rows, int Length, int Width, int States, int Seed);

    private sealed record Problem
    {
        public required Tensor H, Raw, A, B, C, D, Z, State;
        public required TokenSpans? Spans;

        /// <summary>Views of wider tensors, as a mixer has them.</summary>
        public static Problem Create(Shape shape)
        {
            manual_seed(shape.Seed);
            var (rows, length, width, states) = (shape.Rows, shape.Length, shape.Width, shape.States);
            var hz = randn(rows, length, 2 * width);
            var bc = randn(rows, length, 3 + (2 * states));
            var random = new Random(shape.Seed);
            var starts = Enumerable.Range(0, rows).Select(_ => random.Next(length)).ToArray();
            var ends = starts.Select(start => random.Next(start, length + 1)).ToArray();
            return new()
            {
                H = hz.narrow(2, 0, width),
                Z = hz.narrow(2, width, width),
                Raw = randn(rows, length, width) * 3,
                A = -rand(width, states) * 8,
                B = bc.narrow(2, 3, states),
                C = bc.narrow(2, 3 + states, states),
                D = randn(width),
                State = randn(rows, width, states),
                Spans = new TokenSpans(starts, ends, length),
            };
        }

        public ScanInputs Inputs(Tensor state) => new()
        {
            H = H,
            Delta = Raw,
            A = A.t().contiguous(),
            B = B,
            C = C,
            D = D,
            State = state,
            Spans = Spans,
        };

        public (Tensor Y, Tensor State) Oracle(bool gated)
        {
            var state = State.clone();
            var y = SelectiveScan.Reference(H, nn.functional.softplus(Raw, 1, 20), A, B, C, D, state, Spans);
            return (gated ? where(Spans?.ToMask().unsqueeze(-1) ?? ones_like(y).to(@bool), y * nn.functional.silu(Z), zeros_like(y)) : y, state);
        }

        /// <summary>The oracle's sums with the magnitude of every term.</summary>
        public (Tensor Y, Tensor State) Terms(bool gated)
        {
            var magnitudes = this with { H = H.abs(), B = B.abs(), C = C.abs(), D = D.abs(), State = State.abs() };
            var (y, state) = magnitudes.Oracle(gated);
            return (y.abs(), state);
        }

        public Problem Slice(int from, int to) => this with
        {
            H = H.narrow(1, from, to - from),
            Raw = Raw.narrow(1, from, to - from),
            Z = Z.narrow(1, from, to - from),
            B = B.narrow(1, from, to - from),
            C = C.narrow(1, from, to - from),
        };

        public Problem Row(int row) => this with
        {
            H = H.narrow(0, row, 1),
            Raw = Raw.narrow(0, row, 1),
            Z = Z.narrow(0, row, 1),
            B = B.narrow(0, row, 1),
            C = C.narrow(0, row, 1),
            State = State.narrow(0, row, 1),
            Spans = Spans is null ? null : new TokenSpans([Spans.Start[row]], [Spans.End[row]], Spans.Length),
        };
    }
}
