using System.Runtime.Intrinsics;
using TorchSharp;

namespace Sweep.Models.Kernels;

/// <summary>
/// Softplus, selective scan, D skip and gate in one pass over each sequence. Sixteen channels go together; their states stay in registers or first-level cache
/// for the whole sequence, so no [B, L, E, N] tensor ever exists. Rows and channels share nothing: a row's result does not depend on its neighbours,
/// on the number of threads, or on where its sequence is cut in two calls.
/// </summary>
public static unsafe class FusedScan
{
    private const int Lanes = VectorMath.Lanes;
    private const float Log2E = 1.44269504088896341f;

    /// <summary>The gated output (or y, without a gate), [B, L, E] fp32; padded positions are 0.</summary>
    public static torch.Tensor Run(ScanInputs inputs)
    {
        var h = TensorView.Of(inputs.H, 3, nameof(inputs.H));
        var rows = (int)h.Shape[0];
        var length = (int)h.Shape[1];
        var width = h.Width;
        var output = torch.empty(new long[] { rows, length, width }, torch.ScalarType.Float32);
        if (rows == 0 || length == 0)
            return output;
        if (!inputs.State.is_contiguous())
            throw new ArgumentException("State: expected a contiguous tensor, for it is updated in place");

        var pass = new Pass
        {
            H = h,
            Delta = TensorView.Of(inputs.Delta, 3, nameof(inputs.Delta)),
            A = TensorView.Of(inputs.A, 2, nameof(inputs.A)),
            B = TensorView.Of(inputs.B, 3, nameof(inputs.B)),
            C = TensorView.Of(inputs.C, 3, nameof(inputs.C)),
            D = TensorView.Of(inputs.D, 1, nameof(inputs.D)),
            Z = Optional(inputs.Z, 3, nameof(inputs.Z)),
            State = TensorView.Of(inputs.State, 3, nameof(inputs.State)),
            DeltaScale = Optional(inputs.DeltaScale, 2, nameof(inputs.DeltaScale)),
            OutputScale = Optional(inputs.OutputScale, 2, nameof(inputs.OutputScale)),
            GateScale = Optional(inputs.GateScale, 2, nameof(inputs.GateScale)),
            Output = TensorView.Of(output, 3, nameof(output)),
            Length = length,
            States = (int)inputs.A.shape[0],
            DeltaIsActivated = inputs.DeltaIsActivated,
        };
        var blocks = (width + Lanes - 1) / Lanes;
        var spans = inputs.Spans;
        KernelThreads.For(rows * blocks, (long)length * Lanes * pass.States, piece =>
        {
            var row = piece / blocks;
            var channel = piece % blocks * Lanes;
            pass.Block(row, channel, Math.Min(Lanes, width - channel), spans?.Start[row] ?? 0, spans?.End[row] ?? length);
        });
        GC.KeepAlive(inputs);
        return output;
    }

    private static TensorView? Optional(torch.Tensor? tensor, int rank, string name) => tensor is null ? null : TensorView.Of(tensor, rank, name);

    /// <summary>One call's views; <see cref="Block"/> is the kernel.</summary>
    private sealed class Pass
    {
        public required TensorView H, Delta, A, B, C, D, State, Output;
        public required TensorView? Z, DeltaScale, OutputScale, GateScale;
        public required int Length, States;
        public required bool DeltaIsActivated;

        public void Block(int row, int channel, int count, int start, int end)
        {
            var s = stackalloc Vector512<float>[States];
            var a = stackalloc Vector512<float>[States];
            for (var n = 0; n < States; n++)
            {
                s[n] = VectorMath.Load(State.At(row, n) + channel, count);
                a[n] = VectorMath.Load(A.At(n) + channel, count) * Log2E;
            }

            var d = VectorMath.Load(D.Data + channel, count);
            var deltaScale = Scale(DeltaScale, row, channel, count);
            var outputScale = Scale(OutputScale, row, channel, count);
            var gateScale = Scale(GateScale, row, channel, count);
            for (var t = 0; t < start; t++)
                VectorMath.Store(Vector512<float>.Zero, Output.At(row, t) + channel, count);
            for (var t = end; t < Length; t++)
                VectorMath.Store(Vector512<float>.Zero, Output.At(row, t) + channel, count);
            for (var t = start; t < end; t++)
            {
                var ht = VectorMath.Load(H.At(row, t) + channel, count);
                var dt = VectorMath.Load(Delta.At(row, t) + channel, count);
                if (!DeltaIsActivated)
                    dt = VectorMath.Softplus(dt);
                if (DeltaScale is not null)
                    dt *= deltaScale;
                var u = dt * ht;
                var b = B.At(row, t);
                var c = C.At(row, t);
                var y0 = Vector512<float>.Zero;
                var y1 = Vector512<float>.Zero;
                var n = 0;
                for (; n + 1 < States; n += 2)
                {
                    var s0 = Vector512.FusedMultiplyAdd(s[n], VectorMath.Exp2(dt * a[n]), u * Vector512.Create(b[n]));
                    var s1 = Vector512.FusedMultiplyAdd(s[n + 1], VectorMath.Exp2(dt * a[n + 1]), u * Vector512.Create(b[n + 1]));
                    s[n] = s0;
                    s[n + 1] = s1;
                    y0 = Vector512.FusedMultiplyAdd(s0, Vector512.Create(c[n]), y0);
                    y1 = Vector512.FusedMultiplyAdd(s1, Vector512.Create(c[n + 1]), y1);
                }

                if (n < States)
                {
                    s[n] = Vector512.FusedMultiplyAdd(s[n], VectorMath.Exp2(dt * a[n]), u * Vector512.Create(b[n]));
                    y0 = Vector512.FusedMultiplyAdd(s[n], Vector512.Create(c[n]), y0);
                }

                var y = Vector512.FusedMultiplyAdd(d, ht, y0 + y1);
                if (OutputScale is not null)
                    y *= outputScale;
                if (Z is { } z)
                {
                    var gate = VectorMath.SiLU(VectorMath.Load(z.At(row, t) + channel, count));
                    if (GateScale is not null)
                        gate *= gateScale;
                    y *= gate;
                }

                VectorMath.Store(y, Output.At(row, t) + channel, count);
            }

            for (var n = 0; n < States; n++)
                VectorMath.Store(s[n], State.At(row, n) + channel, count);
        }

        private static Vector512<float> Scale(TensorView? scale, int row, int channel, int count) =>
            scale is { } view ? VectorMath.Load(view.At(row) + channel, count) : Vector512<float>.One;
    }
}
