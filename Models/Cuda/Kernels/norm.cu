// Residual add, look-out for numbers that are not finite, and RMSNorm, each where its pointer is given. WIDTH is d_model, VECTORS whether four neighbours go
// together; a block takes one position.

struct NormArguments
{
    const stream* residual; // [.., WIDTH]
    const int* rowMap; // row i of the result adds to row rowMap[i] of the residual; null: i
    const storage* mixed; // [rows, length, WIDTH], positions mixedStep apart; null: nothing is added
    stream* sum; // may be the residual; null: not kept
    const storage* weight; // [WIDTH]; null: no norm
    storage* normal; // [rows, length, WIDTH]
    int* watch; // [rows], lowered to the first position inside the row's span that is not finite; null: not looked for
    const int* spans; // starts of all rows, then ends; null: no padding
    int rows, length, mixedStep;
    float epsilon;
};

constexpr int Neighbours = VECTORS ? 4 : 1;
constexpr int Groups = WIDTH / Neighbours;
constexpr int Turns = (Groups + THREADS - 1) / THREADS;

extern "C" __global__ void __launch_bounds__(THREADS) add_norm(const NormArguments g)
{
    __shared__ float partial[32];
    LetNextBegin();
    AwaitPrevious();
    const i64 position = blockIdx.x;
    const int row = (int)(position / g.length), t = (int)(position % g.length);
    const i64 source = ((i64)(g.rowMap ? g.rowMap[row] : row) * g.length + t) * WIDTH;
    const i64 target = position * WIDTH;
    float values[Turns][Neighbours];
    float squares = 0.0f;
    bool isFinite = true;
    #pragma unroll
    for (int k = 0; k < Turns; k++)
    {
        const int group = k * THREADS + threadIdx.x;
        if (group >= Groups)
            break;
        const Vector<stream, Neighbours> r = *(const Vector<stream, Neighbours>*)(g.residual + source + group * Neighbours);
        #pragma unroll
        for (int i = 0; i < Neighbours; i++)
            values[k][i] = Stream::Widen(r.at[i]);
        if (g.mixed)
        {
            const Vector<storage, Neighbours> m = *(const Vector<storage, Neighbours>*)(g.mixed + position * g.mixedStep + group * Neighbours);
            #pragma unroll
            for (int i = 0; i < Neighbours; i++)
                values[k][i] += Storage::Widen(m.at[i]);
        }

        Vector<stream, Neighbours> rounded;
        #pragma unroll
        for (int i = 0; i < Neighbours; i++)
        {
            rounded.at[i] = Stream::Narrow(values[k][i]);
            values[k][i] = Stream::Widen(rounded.at[i]);
            squares = fmaf(values[k][i], values[k][i], squares);
            isFinite = isFinite && IsFinite(values[k][i]);
        }

        if (g.sum)
            *(Vector<stream, Neighbours>*)(g.sum + target + group * Neighbours) = rounded;
    }

    if (g.watch)
    {
        const int start = g.spans ? g.spans[row] : 0;
        const int end = g.spans ? g.spans[g.rows + row] : g.length;
        if (t >= start && t < end && __syncthreads_or(!isFinite) && threadIdx.x == 0)
            atomicMin(g.watch + row, t);
    }

    if (!g.weight)
        return;
    #pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
        squares += __shfl_xor_sync(0xffffffffu, squares, distance);
    if (threadIdx.x % 32 == 0)
        partial[threadIdx.x / 32] = squares;
    __syncthreads();
    float sum = 0.0f;
    #pragma unroll
    for (int i = 0; i < THREADS / 32; i++)
        sum += partial[i];
    const float factor = rsqrtf(sum / WIDTH + g.epsilon);
    #pragma unroll
    for (int k = 0; k < Turns; k++)
    {
        const int group = k * THREADS + threadIdx.x;
        if (group >= Groups)
            break;
        const Vector<storage, Neighbours> w = *(const Vector<storage, Neighbours>*)(g.weight + group * Neighbours);
        Vector<storage, Neighbours> result;
        #pragma unroll
        for (int i = 0; i < Neighbours; i++)
            result.at[i] = Storage::Narrow(values[k][i] * factor * Storage::Widen(w.at[i]));
        *(Vector<storage, Neighbours>*)(g.normal + target + group * Neighbours) = result;
    }
}
