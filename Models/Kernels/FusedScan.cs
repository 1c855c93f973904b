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
    /// <exception cref="ArgumentException">A tensor is not fp32 on the CPU, or its shape or strides are not those that <see cref="ScanInputs"/> names.</exception>
    public static torch.Tensor Run(ScanInputs inputs)
    {
        var h = TensorView.Of(inputs.H, 3, nameof(inputs.H));
        var rows = (int)h.Shape[0];
        var length = (int)h.Shape[1];
        var width = h.Width;
        var states = inputs.A.shape[0];
        var output = torch.empty(new long[] { rows, length, width }, torch.ScalarType.Float32);
        if (!inputs.State.is_contiguous())
            throw new ArgumentException("State: expected a contiguous tensor, for it is updated in place");
        inputs.Spans?.MustFit(rows, length);
        var pass = new Pass
        {
            H = h,
            Delta = TensorView.Of(inputs.Delta, nameof(inputs.Delta), rows, length, width),
            A = TensorView.Of(inputs.A, nameof(inputs.A), states, width),
            B = TensorView.Of(inputs.B, nameof(inputs.B), rows, length, states),
            C = TensorView.Of(inputs.C, nameof(inputs.C), rows, length, states),
            D = TensorView.Of(inputs.D, nameof(inputs.D), width),
            Z = Optional(inputs.Z, nameof(inputs.Z), rows, length, width),
            State = TensorView.Of(inputs.State, nameof(inputs.State), rows, states, width),
            DeltaScale = Optional(inputs.DeltaScale, nameof(inputs.DeltaScale), rows, width),
            OutputScale = Optional(inputs.OutputScale, nameof(inputs.OutputScale), rows, width),
            GateScale = Optional(inputs.GateScale, nameof(inputs.GateScale), rows, width),
            Output = TensorView.Of(output, 3, nameof(output)),
            Length = length,
            States = (int)states,
            DeltaIsActivated = inputs.DeltaIsActivated,
        };
        if (rows == 0 || length == 0)
            return output;
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

    private static TensorView? Optional(torch.Tensor? tensor, string name, params ReadOnlySpan<long> shape) => tensor is null ? null : TensorView.Of(tensor, name, shape);

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

            var channels = new Channels
            {
                S = s,
                A = a,
                States = States,
                D = VectorMath.Load(D.Data + channel, count),
                DeltaScale = Scale(DeltaScale, row, channel, count),
                OutputScale = Scale(OutputScale, row, channel, count),
                GateScale = Scale(GateScale, row, channel, count),
                DeltaIsActivated = DeltaIsActivated,
            };
            for (var t = 0; t < start; t++)
                VectorMath.Store(Vector512<float>.Zero, Output.At(row, t) + channel, count);
            for (var t = end; t < Length; t++)
                VectorMath.Store(Vector512<float>.Zero, Output.At(row, t) + channel, count);
            if (end > start)
            {
                if (count == Lanes)
                    Whole(ref channels, row, channel, start, end);
                else
                    Partial(ref channels, row, channel, count, start, end);
            }

            for (var n = 0; n < States; n++)
                VectorMath.Store(s[n], State.At(row, n) + channel, count);
        }

        private void Whole(ref Channels channels, int row, int channel, int start, int end)
        {
            channels.H = new Column(H.At(row, start) + channel, H.Strides[1]);
            channels.Delta = new Column(Delta.At(row, start) + channel, Delta.Strides[1]);
            channels.Z = Z is { } z ? new Column(z.At(row, start) + channel, z.Strides[1]) : default;
            channels.Output = new Column(Output.At(row, start) + channel, Output.Strides[1]);
            channels.Run(new Column(B.At(row, start), B.Strides[1]), new Column(C.At(row, start), C.Strides[1]), end - start);
        }

        /// <summary>The last channels of a width that does not fill a vector go through copies that do, piece by piece; the arithmetic is the same.</summary>
        private void Partial(ref Channels channels, int row, int channel, int count, int start, int end)
        {
            const int Piece = 32;
            var copies = stackalloc float[4 * Piece * Lanes];
            channels.H = new Column(copies, Lanes);
            channels.Delta = new Column(copies + (Piece * Lanes), Lanes);
            channels.Z = Z is null ? default : new Column(copies + (2 * Piece * Lanes), Lanes);
            channels.Output = new Column(copies + (3 * Piece * Lanes), Lanes);
            for (var from = start; from < end; from += Piece)
            {
                var length = Math.Min(Piece, end - from);
                for (var t = 0; t < length; t++)
                {
                    VectorMath.Load(H.At(row, from + t) + channel, count).Store(channels.H.At(t));
                    VectorMath.Load(Delta.At(row, from + t) + channel, count).Store(channels.Delta.At(t));
                    if (Z is { } z)
                        VectorMath.Load(z.At(row, from + t) + channel, count).Store(channels.Z.At(t));
                }

                channels.Run(new Column(B.At(row, from), B.Strides[1]), new Column(C.At(row, from), C.Strides[1]), length);
                for (var t = 0; t < length; t++)
                    VectorMath.Store(Vector512.Load(channels.Output.At(t)), Output.At(row, from + t) + channel, count);
            }
        }

        private static Vector512<float> Scale(TensorView? scale, int row, int channel, int count) =>
            scale is { } view ? VectorMath.Load(view.At(row) + channel, count) : Vector512<float>.One;
    }

    /// <summary>One value a step, so many floats apart.</summary>
    private readonly struct Column(float* first, long stride)
    {
        public bool Exists => first is not null;

        public float* At(int t) => first + (t * stride);
    }

    /// <summary>Sixteen channels of one row: what stays the same over the sequence, and where its values lie.</summary>
    private struct Channels
    {
        public Vector512<float>* S, A;
        public int States;
        public Vector512<float> D, DeltaScale, OutputScale, GateScale;
        public bool DeltaIsActivated;
        public Column H, Delta, Z, Output;

        public readonly void Run(Column columnB, Column columnC, int length)
        {
            // Locals: the loop must not read fields again after every store. A scale that is not given is 1, and a product with 1 changes no bit.
            var s = S;
            var a = A;
            var states = States;
            for (var t = 0; t < length; t++)
            {
                var ht = Vector512.Load(H.At(t));
                var dt = Vector512.Load(Delta.At(t));
                if (!DeltaIsActivated)
                    dt = VectorMath.Softplus(dt);
                dt *= DeltaScale;
                var u = dt * ht;
                var b = columnB.At(t);
                var c = columnC.At(t);
                var y0 = Vector512<float>.Zero;
                var y1 = Vector512<float>.Zero;
                var n = 0;
                for (; n + 1 < states; n += 2)
                {
                    var s0 = Vector512.FusedMultiplyAdd(s[n], VectorMath.Exp2(dt * a[n]), u * Vector512.Create(b[n]));
                    var s1 = Vector512.FusedMultiplyAdd(s[n + 1], VectorMath.Exp2(dt * a[n + 1]), u * Vector512.Create(b[n + 1]));
                    s[n] = s0;
                    s[n + 1] = s1;
                    y0 = Vector512.FusedMultiplyAdd(s0, Vector512.Create(c[n]), y0);
                    y1 = Vector512.FusedMultiplyAdd(s1, Vector512.Create(c[n + 1]), y1);
                }

                if (n < states)
                {
                    s[n] = Vector512.FusedMultiplyAdd(s[n], VectorMath.Exp2(dt * a[n]), u * Vector512.Create(b[n]));
                    y0 = Vector512.FusedMultiplyAdd(s[n], Vector512.Create(c[n]), y0);
                }

                var y = Vector512.FusedMultiplyAdd(D, ht, y0 + y1) * OutputScale;
                if (Z.Exists)
                    y *= VectorMath.SiLU(Vector512.Load(Z.At(t))) * GateScale;
                y.Store(Output.At(t));
            }
        }
    }
}
