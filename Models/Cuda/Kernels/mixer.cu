// One token a row through dt_proj, scan and gate, where product.cu has computed h, z and x_proj's outputs. A block takes eight rows, the columns of the matrix unit, and CHANNELS channels; its
// threads hold their states before the rows are there. mixer_step is the whole; delta_step gives what it computes of Δ, bit for bit. STORAGE is a half dtype, d_state is 16; WIDTH is d_inner,
// OUTPUTS the rows of x_proj, RANK dt_rank, TAPS d_conv.

struct MixerArguments
{
    const storage* input; // [rows, inputStep]: h after the convolution, then z
    const storage* projected; // [rows, OUTPUTS]: δ, B and C
    const int* slots; // [rows]: where a row's states lie; null: row i has slot i
    const storage* delta; // dt_proj [WIDTH, RANK]
    const storage* deltaBias; // [WIDTH]
    const float* a; // [16, WIDTH], -exp(A_log)
    const float* d; // [WIDTH]
    float* state; // [slots, 16, WIDTH], updated
    storage* output; // [rows, WIDTH]: gated; of delta_step Δ before softplus
    const i64* ranges; // [rangeCount, 2]: address and bytes of what is read after this kernel
    const storage* nextWindow; // the states that are read after it, or null
    const float* nextState;
    int rows, inputStep, rangeCount;
};

constexpr int Rows = 8;
constexpr int States = 16;
constexpr int Sets = 2;
constexpr int Turns = Rows / Sets;
constexpr int DeltaSteps = RANK / 16;
constexpr int Vectors = OUTPUTS / 8;

static_assert(THREADS == Sets * CHANNELS && CHANNELS % 16 == 0 && WIDTH % CHANNELS == 0 && States * WIDTH * 4 % 8192 == 0 && RANK % 16 == 0 && OUTPUTS == RANK + 2 * States, "sizes do not fit");

// Sixteen rows and sixteen columns of a matrix, as the matrix unit takes them; the address is that of the first.
static __device__ __forceinline__ void Load(unsigned (&a)[4], const storage* matrix, int stride)
{
    const storage* at = matrix + (i64)(threadIdx.x % 32 / 4) * stride + threadIdx.x % 4 * 2;
    a[0] = *(const unsigned*)at;
    a[1] = *(const unsigned*)(at + 8 * (i64)stride);
    a[2] = *(const unsigned*)(at + 8);
    a[3] = *(const unsigned*)(at + 8 * (i64)stride + 8);
}

// Memory is idle while a step waits for itself: what is read next is asked for meanwhile, where devices know how (capability 9.0).
static __device__ __forceinline__ void Bring(const void* from, i64 bytes, int index, int count)
{
#if __CUDA_ARCH__ >= 900
    constexpr int Piece = 8192;
    for (i64 at = (i64)index * Piece; at < bytes; at += (i64)count * Piece)
        asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" :: "l"((const char*)from + at), "r"((int)min(bytes - at, (i64)Piece)) : "memory");
#endif
}

static __device__ __forceinline__ void BringNext(const MixerArguments& g, int block, int count)
{
    const int index = threadIdx.x * count + block;
    for (int range = 0; range < g.rangeCount; range++)
        Bring((const void*)g.ranges[2 * range], g.ranges[2 * range + 1], index, count * THREADS);
    constexpr int Pieces = States * WIDTH * 4 / 8192;
    for (int i = index; g.nextState && i < g.rows * Pieces; i += count * THREADS)
    {
        const i64 slot = g.slots ? g.slots[i / Pieces] : i / Pieces;
        Bring(g.nextState + slot * States * WIDTH + i % Pieces * 2048, 8192, 0, 1);
        if (i % Pieces == 0)
            Bring(g.nextWindow + slot * TAPS * WIDTH, TAPS * WIDTH * 2, 0, 1);
    }
}

template <bool WHOLE> static __device__ __forceinline__ void Step(const MixerArguments& g)
{
    alignas(16) __shared__ storage projected[Rows][OUTPUTS + 8];
    __shared__ float raw[Rows][CHANNELS];
    LetNextBegin();
    const int firstRow = blockIdx.y * Rows, firstChannel = blockIdx.x * CHANNELS;
    const int local = threadIdx.x % CHANNELS, set = threadIdx.x / CHANNELS, channel = firstChannel + local;
    const int inner = threadIdx.x % 32 / 4, outer = threadIdx.x % 4 * 2, deltaRow = firstChannel + threadIdx.x / 32 * 16;

    // Everything that waits for nothing is asked for at once.
    i64 slot[Turns];
    float s[Turns][States], a[States], d = 0.0f;
    #pragma unroll
    for (int k = 0; WHOLE && k < Turns; k++)
    {
        const int row = min(firstRow + set + k * Sets, g.rows - 1);
        slot[k] = g.slots ? g.slots[row] : row;
        #pragma unroll
        for (int n = 0; n < States; n++)
            s[k][n] = g.state[(slot[k] * States + n) * WIDTH + channel];
    }

    unsigned weights[DeltaSteps][4];
    #pragma unroll
    for (int step = 0; step < DeltaSteps; step++)
        Load(weights[step], g.delta + (i64)deltaRow * RANK + step * 16, RANK);
    const float bias[2] = {Storage::Widen(g.deltaBias[deltaRow + inner]), Storage::Widen(g.deltaBias[deltaRow + inner + 8])};
    if (WHOLE)
    {
        d = g.d[channel];
        #pragma unroll
        for (int n = 0; n < States; n++)
            a[n] = g.a[n * WIDTH + channel] * 1.44269504088896341f;
        BringNext(g, blockIdx.y * gridDim.x + blockIdx.x, gridDim.x * gridDim.y);
    }

    AwaitPrevious();
    storage now[Turns], z[Turns];
    #pragma unroll
    for (int k = 0; WHOLE && k < Turns; k++)
    {
        const i64 at = (i64)min(firstRow + set + k * Sets, g.rows - 1) * g.inputStep + channel;
        now[k] = g.input[at];
        z[k] = g.input[at + WIDTH];
    }

    for (int i = threadIdx.x; i < Rows * Vectors; i += THREADS)
        *(Eight*)&projected[i / Vectors][i % Vectors * 8] = *(const Eight*)(g.projected + (i64)min(firstRow + i / Vectors, g.rows - 1) * OUTPUTS + i % Vectors * 8);
    __syncthreads();
    float product[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    #pragma unroll
    for (int step = 0; step < DeltaSteps; step++)
        MultiplyAdd(product, weights[step], *(const unsigned*)&projected[inner][step * 16 + outer], *(const unsigned*)&projected[inner][step * 16 + outer + 8]);
    #pragma unroll
    for (int i = 0; i < 4; i++)
        raw[outer + i % 2][deltaRow - firstChannel + inner + i / 2 * 8] = Storage::Widen(Storage::Narrow(product[i] + bias[i / 2]));
    __syncthreads();
    #pragma unroll
    for (int k = 0; k < Turns; k++)
    {
        const int index = set + k * Sets;
        if (firstRow + index >= g.rows)
            continue;
        if (!WHOLE)
        {
            g.output[(i64)(firstRow + index) * WIDTH + channel] = Storage::Narrow(raw[index][local]);
            continue;
        }

        const float x = Storage::Widen(now[k]);
        const float dt = Softplus(raw[index][local]);
        const float dx = dt * x;
        float sum[4] = {d * x, 0.0f, 0.0f, 0.0f};
        #pragma unroll
        for (int n = 0; n < States; n++)
        {
            s[k][n] = fmaf(PowerOfTwo(dt * a[n]), s[k][n], dx * Storage::Widen(projected[index][RANK + n]));
            sum[n % 4] = fmaf(s[k][n], Storage::Widen(projected[index][RANK + States + n]), sum[n % 4]);
            g.state[(slot[k] * States + n) * WIDTH + channel] = s[k][n];
        }

        const float y = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        g.output[(i64)(firstRow + index) * WIDTH + channel] = Storage::Narrow(y * Silu(Storage::Widen(z[k])));
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) mixer_step(const MixerArguments g) { Step<true>(g); }

extern "C" __global__ void __launch_bounds__(THREADS) delta_step(const MixerArguments g) { Step<false>(g); }
