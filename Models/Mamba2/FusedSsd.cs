using System.Buffers;
using System.Runtime.Intrinsics;
using Sweep.Models.Kernels;
using static TorchSharp.torch;

namespace Sweep.Models.Mamba2;

/// <summary>
/// <see cref="ChunkedSsd"/> for fp32 on the CPU: the same products, row by row from the row's own first position and in a fixed order, so that a row's bits depend on the row alone. One position
/// (decoding) is a step of the recurrence, in place.
/// </summary>
public static unsafe class FusedSsd
{
    /// <summary>
    /// Shorter than on a GPU: what is multiplied inside a chunk grows with it, and the state, which is read once a chunk, lies in the first cache anyway.
    /// </summary>
    public const int Chunk = 32;

    private const int Lanes = VectorMath.Lanes;

    /// <returns>y + D·x, [B, L, E].</returns>
    public static Tensor Run(SsdInputs inputs, int chunk = Chunk)
    {
        inputs.MustFit();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk);
        int rows = inputs.Rows, length = inputs.Length, heads = inputs.Heads, groups = inputs.Groups, n = inputs.States, p = inputs.Inner / heads;
        var isPadded = false;
        for (var row = 0; row < rows && inputs.Spans is not null; row++)
            isPadded |= inputs.Spans.Start[row] > 0 || inputs.Spans.End[row] < length;
        var y = isPadded ? zeros(rows, length, inputs.Inner) : empty(rows, length, inputs.Inner);
        var (x, delta, b, c) = (TensorView.Of(inputs.X, 3, "X"), TensorView.Of(inputs.Delta, 3, "Delta"), TensorView.Of(inputs.B, 3, "B"), TensorView.Of(inputs.C, 3, "C"));
        var (state, output) = (TensorView.Of(inputs.State, 3, "State"), TensorView.Of(y, 3, "y"));
        float* a = TensorView.Of(inputs.A, "A", heads).Data, d = TensorView.Of(inputs.D, "D", heads).Data;

        // The products of B and C are those of a group: its heads stay together unless that leaves threads without work.
        var each = heads / groups;
        var parts = Math.Clamp(2 * get_num_threads() / Math.Max(1, rows * groups), 1, each);
        KernelThreads.For(rows * groups * parts, (long)length * each / parts * p * n, piece =>
        {
            int row = piece / (groups * parts), group = piece / parts % groups, part = piece % parts;
            int start = inputs.Spans?.Start[row] ?? 0, end = inputs.Spans?.End[row] ?? length;
            int first = (group * each) + (each * part / parts), last = (group * each) + (each * (part + 1) / parts);
            if (end == start || first == last)
                return;
            var work = new Piece
            {
                Positions = end - start,
                Chunk = Math.Min(chunk, end - start),
                N = n,
                P = p,
                B = b.At(row, start) + (group * n),
                BStride = b.Strides[1],
                C = c.At(row, start) + (group * n),
                CStride = c.Strides[1],
                DeltaStride = delta.Strides[1],
                XStride = x.Strides[1],
                StateStride = state.Strides[1],
                YStride = output.Strides[1],
            };
            if (work.Positions == 1)
            {
                for (var head = first; head < last; head++)
                    work.Step(*(delta.At(row, start) + head), a[head], d[head], x.At(row, start) + (head * p), state.At(row) + (head * p), output.At(row, start) + (head * p));
                return;
            }

            using var scratch = new Scratch(work.Positions, work.Chunk, n, p);
            work.Multiply(scratch.Products);
            for (var head = first; head < last; head++)
                work.Head(scratch, delta.At(row, start) + head, a[head], d[head], x.At(row, start) + (head * p), state.At(row) + (head * p), output.At(row, start) + (head * p));
        });
        GC.KeepAlive(inputs);
        return y;
    }

    /// <summary>Memory of one piece of work; rows of channels are filled up to whole vectors with zeros.</summary>
    private sealed class Scratch : IDisposable
    {
        private readonly float[] _memory;
        private readonly MemoryHandle _pin;

        public Scratch(int positions, int chunk, int n, int p)
        {
            Width = (p + Lanes - 1) & -Lanes;
            long products = (long)positions * chunk, fed = (long)chunk * Width, square = (long)chunk * chunk;
            _memory = ArrayPool<float>.Shared.Rent(checked((int)(products + (2 * fed) + square + (3L * chunk) + ((long)n * Width))));
            _pin = _memory.AsMemory().Pin();
            Products = (float*)_pin.Pointer;
            Fed = Products + products;
            Output = Fed + fed;
            Weights = Output + fed;
            Log = Weights + square;
            State = Log + (3L * chunk);
        }

        /// <summary>Channels in whole vectors.</summary>
        public int Width { get; }

        /// <summary>C_i · B_j of every chunk, [positions, chunk].</summary>
        public float* Products { get; }

        /// <summary>Δx [chunk, Width].</summary>
        public float* Fed { get; }

        /// <summary>y [chunk, Width].</summary>
        public float* Output { get; }

        /// <summary>C_i · B_j · decay [chunk, chunk]; above the diagonal nothing is read.</summary>
        public float* Weights { get; }

        /// <summary>Sum of ΔA from the chunk's start; then its exponential; then the decay to the chunk's end.</summary>
        public float* Log { get; }

        /// <summary>[N, Width].</summary>
        public float* State { get; }

        public void Dispose()
        {
            _pin.Dispose();
            ArrayPool<float>.Shared.Return(_memory);
        }
    }

    /// <summary>Some heads of one group of one row.</summary>
    private readonly struct Piece
    {
        public required int Positions { get; init; }

        public required int Chunk { get; init; }

        public required int N { get; init; }

        public required int P { get; init; }

        public required float* B { get; init; }

        public required long BStride { get; init; }

        public required float* C { get; init; }

        public required long CStride { get; init; }

        public required long DeltaStride { get; init; }

        public required long XStride { get; init; }

        public required long StateStride { get; init; }

        public required long YStride { get; init; }

        /// <summary>s = exp(ΔA) s + Δ B x; y = C s + D x, where the state lies.</summary>
        public void Step(float delta, float a, float d, float* x, float* state, float* y)
        {
            var decay = Vector512.Create(MathF.Exp(delta * a));
            for (var p = 0; p < P; p += Lanes)
            {
                var count = Math.Min(Lanes, P - p);
                var input = VectorMath.Load(x + p, count);
                var fed = input * Vector512.Create(delta);
                var sum = Vector512<float>.Zero;
                for (var n = 0; n < N; n++)
                {
                    var at = state + (n * StateStride) + p;
                    var s = Vector512.FusedMultiplyAdd(Vector512.Create(B[n]), fed, decay * VectorMath.Load(at, count));
                    VectorMath.Store(s, at, count);
                    sum = Vector512.FusedMultiplyAdd(Vector512.Create(C[n]), s, sum);
                }

                VectorMath.Store(Vector512.FusedMultiplyAdd(Vector512.Create(d), input, sum), y + p, count);
            }
        }

        /// <summary>C_i · B_j for j ≤ i in every chunk.</summary>
        public void Multiply(float* products)
        {
            for (var first = 0; first < Positions; first += Chunk)
            {
                var count = Math.Min(Chunk, Positions - first);
                for (var i = 0; i < count; i++)
                {
                    var c = C + ((first + i) * CStride);
                    for (var j = 0; j <= i; j++)
                        products[((long)(first + i) * Chunk) + j] = Panels.Dot(c, B + ((first + j) * BStride), N);
                }
            }
        }

        /// <summary>All positions of one head.</summary>
        public void Head(Scratch scratch, float* delta, float a, float d, float* x, float* state, float* y)
        {
            var width = scratch.Width;
            for (var n = 0; n < N; n++)
                Panels.Copy(state + (n * StateStride), scratch.State + ((long)n * width), P, width);
            for (var first = 0; first < Positions; first += Chunk)
            {
                var count = Math.Min(Chunk, Positions - first);
                Prepare(scratch, delta + (first * DeltaStride), a, x + (first * XStride), first, count);
                for (var p = 0; p < width; p += Lanes)
                    Columns(scratch, first, count, p);
                for (var i = 0; i < count; i++)
                    Panels.StoreWithSkip(scratch.Output + ((long)i * width), x + ((first + i) * XStride), d, y + ((first + i) * YStride), P);
            }

            for (var n = 0; n < N; n++)
                Panels.Copy(scratch.State + ((long)n * width), state + (n * StateStride), P, P);
        }

        /// <summary>Decays, Δx and the weights of a chunk.</summary>
        private void Prepare(Scratch scratch, float* delta, float a, float* x, int first, int count)
        {
            float* log = scratch.Log, fromStart = log + Chunk, toEnd = fromStart + Chunk;
            double sum = 0;
            for (var i = 0; i < count; i++)
            {
                var step = delta[i * DeltaStride];
                sum += (double)step * a;
                log[i] = (float)sum;
                Panels.Scale(x + (i * XStride), step, scratch.Fed + ((long)i * scratch.Width), P, scratch.Width);
            }

            for (var i = 0; i < count; i += Lanes)
            {
                var lanes = Math.Min(Lanes, count - i);
                var logs = VectorMath.Load(log + i, lanes);
                VectorMath.Store(VectorMath.Exp(logs), fromStart + i, lanes);
                VectorMath.Store(VectorMath.Exp(Vector512.Create((float)sum) - logs), toEnd + i, lanes);
            }

            for (var i = 0; i < count; i++)
            {
                var own = Vector512.Create(log[i]);
                float* weights = scratch.Weights + ((long)i * Chunk), products = scratch.Products + ((long)(first + i) * Chunk);
                for (var j = 0; j <= i; j += Lanes)
                {
                    var lanes = Math.Min(Lanes, i + 1 - j);
                    VectorMath.Store(VectorMath.Exp(own - VectorMath.Load(log + j, lanes)) * VectorMath.Load(products + j, lanes), weights + j, lanes);
                }
            }
        }

        /// <summary>y of a chunk and the state after it, for one vector of channels.</summary>
        private void Columns(Scratch scratch, int first, int count, int p)
        {
            float* fromStart = scratch.Log + Chunk, toEnd = fromStart + Chunk, fed = scratch.Fed + p, state = scratch.State + p, output = scratch.Output + p;
            var width = scratch.Width;
            var i = 0;
            for (; i + Panels.Rows <= count; i += Panels.Rows)
            {
                Panels.Zero(output + ((long)i * width), width);
                Panels.AddProduct(C + ((first + i) * CStride), CStride, state, width, N, output + ((long)i * width), width);
                Panels.ScaleRows(output + ((long)i * width), width, fromStart + i);
                Panels.AddProduct(scratch.Weights + ((long)i * Chunk), Chunk, fed, width, i, output + ((long)i * width), width);
                // On the diagonal row by row: a later position must not reach an earlier one even as 0 · ∞.
                for (var row = i; row < i + Panels.Rows; row++)
                    Panels.AddRow(scratch.Weights + ((long)row * Chunk) + i, fed + ((long)i * width), width, row - i + 1, output + ((long)row * width));
            }

            for (; i < count; i++)
            {
                var target = output + ((long)i * width);
                Vector512<float>.Zero.Store(target);
                Panels.AddRow(C + ((first + i) * CStride), state, width, N, target);
                (Vector512.Load(target) * Vector512.Create(fromStart[i])).Store(target);
                Panels.AddRow(scratch.Weights + ((long)i * Chunk), fed, width, i + 1, target);
            }

            for (var j = 0; j < count; j++)
                (Vector512.Load(fed + ((long)j * width)) * Vector512.Create(toEnd[j])).Store(fed + ((long)j * width));
            Panels.UpdateState(state, width, N, fromStart[count - 1], B + (first * BStride), BStride, fed, count);
        }
    }
}
