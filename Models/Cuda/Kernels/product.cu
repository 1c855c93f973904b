// y = x Wᵀ + bias for the few rows of a step. A block holds its outputs' weights in registers before the rows are there; its warps share the inputs out, and their sums are added in one order,
// so that a row's bits are its own. STORAGE is a half dtype; INPUTS is a multiple of 32, a block's share TILES times eight outputs and ROWS rows, of which CHUNK times sixteen are taken at once.
// With TAPS the first WIDTH outputs go on through the causal convolution and SiLU, as convolution.cu computes them.

struct ProductArguments
{
    const storage* x; // [rows, INPUTS], xStep apart
    const storage* weight; // [outputs, INPUTS]
    const storage* bias; // [outputs] or null
    storage* y; // [rows, outputs]
    const storage* taps; // [TAPS, WIDTH]
    const storage* tapsBias; // [WIDTH] or null
    storage* window; // [slots, TAPS, WIDTH], the last TAPS outputs, oldest first; updated
    const int* slots; // [rows]: where a row's window lies; null: row i has slot i
    int rows, xStep, outputs;
};

constexpr int Warps = THREADS / 32;
constexpr int Pieces = INPUTS / 32;
constexpr int PiecesOfWarp = (Pieces + Warps - 1) / Warps;
constexpr int Outputs = 8 * TILES;
constexpr int Pairs = 16 * CHUNK * Outputs / 2;
constexpr int Turns = (Pairs + THREADS - 1) / THREADS;
typedef Vector<storage, 2> Pair;

// Two neighbouring outputs of a row on their way through the convolution.
struct Convolution
{
    Pair past[TAPS > 1 ? TAPS - 1 : 1];
    Pair taps[TAPS > 0 ? TAPS : 1];
    Pair bias;

    static __device__ __forceinline__ i64 Slot(const ProductArguments& g, int row) { return g.slots ? g.slots[row] : row; }

    __device__ __forceinline__ void Weigh(const ProductArguments& g, int output)
    {
        #pragma unroll
        for (int j = 0; j < TAPS; j++)
            taps[j] = *(const Pair*)(g.taps + (i64)j * WIDTH + output);
        bias.at[0] = bias.at[1] = 0;
        if (g.tapsBias)
            bias = *(const Pair*)(g.tapsBias + output);
    }

    __device__ __forceinline__ void Remember(const ProductArguments& g, int row, int output)
    {
        #pragma unroll
        for (int j = 1; j < TAPS; j++)
            past[j - 1] = *(const Pair*)(g.window + (Slot(g, row) * TAPS + j) * WIDTH + output);
    }

    __device__ __forceinline__ Pair Take(const ProductArguments& g, int row, int output, Pair now) const
    {
        Pair result;
        #pragma unroll
        for (int i = 0; i < 2; i++)
        {
            float sum = Storage::Widen(bias.at[i]);
            #pragma unroll
            for (int j = 0; j < TAPS; j++)
                sum = fmaf(Storage::Widen(taps[j].at[i]), Storage::Widen(j + 1 < TAPS ? past[j].at[i] : now.at[i]), sum);
            result.at[i] = Storage::Narrow(Silu(sum));
        }

        #pragma unroll
        for (int j = 0; j < TAPS; j++)
            *(Pair*)(g.window + (Slot(g, row) * TAPS + j) * WIDTH + output) = j + 1 < TAPS ? past[j] : now;
        return result;
    }
};

extern "C" __global__ void __launch_bounds__(THREADS, 512 / THREADS) product(const ProductArguments g)
{
    alignas(16) __shared__ float partial[Warps][16 * CHUNK][Outputs];
    LetNextBegin();
    const int warp = threadIdx.x / 32, inner = threadIdx.x % 32 / 4, quarter = threadIdx.x % 4, firstOutput = blockIdx.x * Outputs;
    const int end = min(g.rows, (int)(blockIdx.y + 1) * ROWS);
    const bool convolves = TAPS > 0 && firstOutput < WIDTH;

    // Which input meets which place of the matrix unit does not matter as long as rows and weights agree: a thread's eight are of two steps.
    Eight weights[TILES][PiecesOfWarp];
    #pragma unroll
    for (int t = 0; t < TILES; t++)
    {
        #pragma unroll
        for (int p = 0; p < PiecesOfWarp; p++)
        {
            if (warp + p * Warps < Pieces)
                weights[t][p] = *(const Eight*)(g.weight + (i64)(firstOutput + t * 8 + inner) * INPUTS + (warp + p * Warps) * 32 + quarter * 8);
        }
    }

    Convolution convolutions[Turns];
    const auto remember = [&](int firstRow)
    {
        #pragma unroll
        for (int turn = 0; turn < Turns; turn++)
        {
            const int i = turn * THREADS + threadIdx.x, row = firstRow + i / (Outputs / 2);
            if (i < Pairs && row < end)
                convolutions[turn].Remember(g, row, firstOutput + i % (Outputs / 2) * 2);
        }
    };
    if (convolves)
    {
        #pragma unroll
        for (int turn = 0; turn < Turns; turn++)
            convolutions[turn].Weigh(g, firstOutput + (turn * THREADS + threadIdx.x) % (Outputs / 2) * 2);
        remember(blockIdx.y * ROWS);
    }

    AwaitPrevious();
    for (int firstRow = blockIdx.y * ROWS; firstRow < end; firstRow += 16 * CHUNK)
    {
        #pragma unroll
        for (int c = 0; c < CHUNK; c++)
        {
            if (firstRow + c * 16 >= end)
                continue;
            float sums[TILES][4];
            #pragma unroll
            for (int t = 0; t < TILES; t++)
                sums[t][0] = sums[t][1] = sums[t][2] = sums[t][3] = 0.0f;
            const storage* upper = g.x + (i64)min(firstRow + c * 16 + inner, end - 1) * g.xStep + quarter * 8;
            const storage* lower = g.x + (i64)min(firstRow + c * 16 + 8 + inner, end - 1) * g.xStep + quarter * 8;
            #pragma unroll
            for (int p = 0; p < PiecesOfWarp; p++)
            {
                if (warp + p * Warps >= Pieces)
                    continue;
                const Eight a = *(const Eight*)(upper + (warp + p * Warps) * 32), b = *(const Eight*)(lower + (warp + p * Warps) * 32);
                const unsigned first[4] = {a.at[0], b.at[0], a.at[1], b.at[1]}, second[4] = {a.at[2], b.at[2], a.at[3], b.at[3]};
                #pragma unroll
                for (int t = 0; t < TILES; t++)
                {
                    MultiplyAdd(sums[t], first, weights[t][p].at[0], weights[t][p].at[1]);
                    MultiplyAdd(sums[t], second, weights[t][p].at[2], weights[t][p].at[3]);
                }
            }

            #pragma unroll
            for (int t = 0; t < TILES; t++)
            {
                float* at = &partial[warp][c * 16 + inner][t * 8 + quarter * 2];
                at[0] = sums[t][0];
                at[1] = sums[t][1];
                at[8 * Outputs] = sums[t][2];
                at[8 * Outputs + 1] = sums[t][3];
            }
        }

        __syncthreads();
        #pragma unroll
        for (int turn = 0; turn < Turns; turn++)
        {
            const int i = turn * THREADS + threadIdx.x, row = i / (Outputs / 2), output = i % (Outputs / 2) * 2;
            if (i >= Pairs || firstRow + row >= end)
                continue;
            float low = 0.0f, high = 0.0f;
            #pragma unroll
            for (int w = 0; w < Warps; w++)
            {
                low += partial[w][row][output];
                high += partial[w][row][output + 1];
            }

            if (g.bias)
            {
                low += Storage::Widen(g.bias[firstOutput + output]);
                high += Storage::Widen(g.bias[firstOutput + output + 1]);
            }

            Pair both;
            both.at[0] = Storage::Narrow(low);
            both.at[1] = Storage::Narrow(high);
            if (convolves)
                both = convolutions[turn].Take(g, firstRow + row, firstOutput + output, both);
            *(Pair*)(g.y + (i64)(firstRow + row) * g.outputs + firstOutput + output) = both;
        }

        if (firstRow + 16 * CHUNK >= end)
            break;
        if (convolves)
            remember(firstRow + 16 * CHUNK);
        __syncthreads();
    }
}
