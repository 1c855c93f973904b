using CsCheck;
using Sweep.Models.Mamba2;
using Sweep.Models.Tests.Mamba;
using Xunit;
using static TorchSharp.torch;

namespace Sweep.Models.Tests.Mamba2;

/// <summary>The chunked forms against the recurrence step by step.</summary>
[Trait("Category", "Kernels")]
public sealed class SsdTests : IDisposable
{
    private static readonly Gen<Problem> Problems =
        from rows in Gen.Int[1, 3]
        from length in Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 80])
        from chunk in Gen.Int[1, 40]
        from groups in Gen.Int[1, 4]
        from each in Gen.Int[1, 4]
        from headDim in Gen.Int[1, 35]
        from states in Gen.Int[1, 35]
        from padding in Gen.Select(Gen.Int[0, 6], Gen.Int[0, 6]).Array[rows]
        from seed in Gen.Int[0, 1_000_000]
        select new Problem(rows, length, chunk, groups, each * groups, headDim, states, padding, seed);

    private readonly int _threads = get_num_threads();

    public static TheoryData<bool> Forms => [true, false];

    public void Dispose() => set_num_threads(_threads);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Run_AnyLengthChunkGroupsAndHeads_EqualsTheRecurrence(bool fused) => Problems.Sample(
        problem =>
        {
            using var scope = NewDisposeScope();
            var (expected, expectedState) = problem.Exact();
            var inputs = problem.Inputs(float32);
            var y = Run(fused, inputs, problem.Chunk);
            Assert.InRange(Error(y, expected), 0, 2e-5);
            Assert.InRange(Error(inputs.State, expectedState), 0, 2e-5);
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void Run_AnyNumberOfThreadsOrRowsBeside_GivesARowTheSameBits() => Problems.Sample(
        problem =>
        {
            using var scope = NewDisposeScope();
            set_num_threads(1);
            var together = problem.Inputs(float32);
            var y = FusedSsd.Run(together);
            foreach (var threads in (int[])[1, 4])
            {
                set_num_threads(threads);
                for (var row = 0; row < problem.Rows; row++)
                {
                    var alone = problem.Alone(row);
                    var (start, count) = problem.Span(row);
                    if (count == 0)
                        continue;
                    Assert.True(FusedSsd.Run(alone).BitEquals(y.narrow(0, row, 1).narrow(1, start, count)));
                    Assert.True(alone.State.BitEquals(together.State.narrow(0, row, 1)));
                }
            }
        },
        iter: 40,
        threads: 1);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Run_ValueThatIsNotFinite_LeavesEarlierPositionsAndOtherHeadsAlone(bool fused)
    {
        using var scope = NewDisposeScope();
        var problem = new Problem(2, 23, 8, 1, 3, 5, 7, [(0, 0), (0, 0)], 3);
        var expected = Run(fused, problem.Inputs(float32), 8);
        foreach (var value in (float[])[float.NaN, float.PositiveInfinity])
        {
            var inputs = problem.Inputs(float32);
            inputs.X[0, 13, 6] = value; // head 1
            var y = Run(fused, inputs, 8);
            Assert.False(y[0, 13, 6].isfinite().item<bool>());
            Assert.False(inputs.State.select(2, 6)[0].isfinite().any().item<bool>());
            y[0].narrow(0, 13, 10).select(1, 6).zero_();
            expected[0].narrow(0, 13, 10).select(1, 6).zero_();
            Assert.True(y.BitEquals(expected));
        }
    }

    [Fact]
    public void Run_ShapesThatDoNotFit_AreRefused()
    {
        using var scope = NewDisposeScope();
        var inputs = new Problem(2, 5, 2, 2, 4, 3, 6, [(0, 0), (0, 0)], 1).Inputs(float32);
        Assert.Contains("B: found [2, 5, 11], expected [2, 5, 12]", Refusal(inputs with { B = zeros(2, 5, 11) }), StringComparison.Ordinal);
        Assert.Contains("State", Refusal(inputs with { State = zeros(2, 6, 11) }), StringComparison.Ordinal);
        Assert.Contains("4 heads and 3 groups", Refusal(inputs with { Groups = 3 }), StringComparison.Ordinal);

        static string Refusal(SsdInputs wrong) => Assert.Throws<ArgumentException>(() => FusedSsd.Run(wrong)).Message;
    }

    private static Tensor Run(bool fused, SsdInputs inputs, int chunk) => fused ? FusedSsd.Run(inputs, chunk) : ChunkedSsd.Run(inputs, chunk);

    private static double Error(Tensor found, Tensor expected) =>
        (found.to(float64) - expected).abs().max().item<double>() / Math.Max(1e-3, expected.abs().max().item<double>());

    private sealed record Problem(int Rows, int Length, int Chunk, int Groups, int Heads, int HeadDim, int States, (int Left, int Right)[] Padding, int Seed)
    {
        public (Tensor Y, Tensor State) Exact()
        {
            var inputs = Inputs(float64);
            return (StepwiseSsd.Run(inputs), inputs.State);
        }

        /// <summary>B, C and X are parts of one tensor, as they come out of the convolution.</summary>
        public SsdInputs Inputs(ScalarType dtype)
        {
            using var generator = new Generator((ulong)Seed);
            Tensor Random(params long[] shape) => randn(shape, generator: generator).to(dtype);
            int e = Heads * HeadDim, shared = Groups * States;
            var xbc = Random(Rows, Length, e + (2 * shared));
            return new()
            {
                X = xbc.narrow(2, 0, e),
                B = xbc.narrow(2, e, shared),
                C = xbc.narrow(2, e + shared, shared),
                Delta = Random(Rows, Length, Heads).abs() * 0.3,
                A = -Random(Heads).exp(),
                D = Random(Heads),
                State = Random(Rows, States, e),
                Groups = Groups,
                Spans = new([.. Enumerable.Range(0, Rows).Select(row => Span(row).Start)], [.. Enumerable.Range(0, Rows).Select(row => Span(row).Start + Span(row).Count)], Length),
            };
        }

        public (int Start, int Count) Span(int row)
        {
            var start = Math.Min(Padding[row].Left, Length);
            return (start, Math.Max(0, Length - start - Padding[row].Right));
        }

        /// <summary>One row without its padding.</summary>
        public SsdInputs Alone(int row)
        {
            var (start, count) = Span(row);
            var all = Inputs(float32);
            Tensor Part(Tensor tensor) => tensor.narrow(0, row, 1).narrow(1, start, count);
            return all with { X = Part(all.X), B = Part(all.B), C = Part(all.C), Delta = Part(all.Delta), State = all.State.narrow(0, row, 1).clone(), Spans = null };
        }
    }
}
