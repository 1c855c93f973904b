// y = x Wᵀ + bias for the few rows of a step. A block holds its outputs' weights in registers before the rows are there; its warps share the inputs out, and their sums are added in one order,
// so that a row's bits are its own. STORAGE is a half dtype; INPUTS is a multiple of 32, a block's share TILES times eight outputs and ROWS rows, of which CHUNK times sixteen are taken at once.

struct ProductArguments
{
    const storage* x; // [rows, INPUTS], xStep apart
    const storage* weight; // [outputs, INPUTS]
    const storage* bias; // [outputs] or null
    storage* y; // [rows, outputs]
    int rows, xStep, outputs;
};

constexpr int Warps = THREADS / 32;
constexpr int Pieces = INPUTS / 32;
constexpr int PiecesOfWarp = (Pieces + Warps - 1) / Warps;
constexpr int Outputs = 8 * TILES;

// Eight neighbours of a row in one access. Which input meets which place of the matrix unit does not matter as long as rows and weights agree: a thread's eight are of two steps.
struct alignas(16) Eight
{
    unsigned at[4];
};

extern "C" __global__ void __launch_bounds__(THREADS, 512 / THREADS) product(const ProductArguments g)
{
    alignas(16) __shared__ float partial[Warps][16 * CHUNK][Outputs];
    LetNextBegin();
    const int warp = threadIdx.x / 32, inner = threadIdx.x % 32 / 4, quarter = threadIdx.x % 4, firstOutput = blockIdx.x * Outputs;
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

    AwaitPrevious();
    const int end = min(g.rows, (int)(blockIdx.y + 1) * ROWS);
    for (int firstRow = blockIdx.y * ROWS; firstRow < end; firstRow += 16 * CHUNK)
    {
        float sums[CHUNK][TILES][4];
        #pragma unroll
        for (int c = 0; c < CHUNK; c++)
        {
            #pragma unroll
            for (int t = 0; t < TILES; t++)
                sums[c][t][0] = sums[c][t][1] = sums[c][t][2] = sums[c][t][3] = 0.0f;
            if (firstRow + c * 16 >= end)
                continue;
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
                    MultiplyAdd(sums[c][t], first, weights[t][p].at[0], weights[t][p].at[1]);
                    MultiplyAdd(sums[c][t], second, weights[t][p].at[2], weights[t][p].at[3]);
                }
            }
        }

        #pragma unroll
        for (int c = 0; c < CHUNK; c++)
        {
            #pragma unroll
            for (int t = 0; t < TILES; t++)
            {
                float* at = &partial[warp][c * 16 + inner][t * 8 + quarter * 2];
                at[0] = sums[c][t][0];
                at[1] = sums[c][t][1];
                at[8 * Outputs] = sums[c][t][2];
                at[8 * Outputs + 1] = sums[c][t][3];
            }
        }

        __syncthreads();
        for (int i = threadIdx.x; i < 16 * CHUNK * Outputs / 2; i += THREADS)
        {
            const int row = i / (Outputs / 2), output = i % (Outputs / 2) * 2;
            if (firstRow + row >= end)
                break;
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

            Vector<storage, 2> both;
            both.at[0] = Storage::Narrow(low);
            both.at[1] = Storage::Narrow(high);
            *(Vector<storage, 2>*)(g.y + (i64)(firstRow + row) * g.outputs + firstOutput + output) = both;
        }

        __syncthreads();
    }
}
