// One token a row through a mixer between in_proj and out_proj: convolution, x_proj, dt_proj, scan and gate. A cluster of blocks takes eight rows, a block of it a share of the channels; what a
// block's channels add to x_proj goes to the others through their shared memory. Sums run in one order whatever the rows and whoever looks: project_step gives what mixer_step computes inside.
// STORAGE is a half dtype, d_state is 16. WIDTH is d_inner, OUTPUTS the rows of x_proj, RANK dt_rank, TAPS d_conv; warps share x_proj out in GROUPS ways along the channels.

struct MixerArguments
{
    const storage* input; // [rows, inputStep]: h before the convolution, then z; of project_step h after it
    const storage* taps; // [TAPS, WIDTH]
    const storage* tapsBias; // [WIDTH] or null
    storage* window; // [slots, TAPS, WIDTH], the last TAPS inputs, oldest first; updated
    const int* slots; // [rows]: where a row's states lie; null: row i has slot i
    const storage* ssm; // x_proj [OUTPUTS, WIDTH]
    const storage* delta; // dt_proj [WIDTH, RANK]
    const storage* deltaBias; // [WIDTH]
    const float* a; // [16, WIDTH], -exp(A_log)
    const float* d; // [WIDTH]
    float* state; // [slots, 16, WIDTH], updated
    storage* output; // [rows, WIDTH]: gated; of project_step delta before softplus
    storage* projected; // of project_step: [rows, OUTPUTS]
    const i64* ranges; // [rangeCount, 2]: address and bytes of what is read after this kernel
    const storage* nextWindow; // the states that are read after it, or null
    const float* nextState;
    int rows, inputStep, rangeCount;
};

constexpr int Blocks = 8;
constexpr int Rows = 8; // of a cluster: the columns of the matrix unit
constexpr int States = 16;
constexpr int Channels = WIDTH / Blocks;
constexpr int Sets = THREADS / Channels;
constexpr int Turns = Rows / Sets;
constexpr int Held = Turns < 4 ? Turns : 4;
constexpr int Warps = THREADS / 32;
constexpr int Tiles = OUTPUTS / 16;
constexpr int TilesOfWarp = (Tiles + Warps / GROUPS - 1) / (Warps / GROUPS);
constexpr int Steps = Channels / 16;
constexpr int DeltaSteps = RANK / 16;
constexpr int DeltaTiles = Channels / 16;

static_assert(DeltaTiles <= Warps && States * WIDTH * 4 % 8192 == 0 && THREADS % Channels == 0 && Rows % Sets == 0 && Warps % GROUPS == 0 && GROUPS * OUTPUTS >= Channels, "sizes do not fit");

// Sixteen rows and sixteen columns of a matrix, as the matrix unit takes them; the address is that of the first.
static __device__ __forceinline__ void Load(unsigned (&a)[4], const storage* matrix, int stride)
{
    const storage* at = matrix + (i64)(threadIdx.x % 32 / 4) * stride + threadIdx.x % 4 * 2;
    a[0] = *(const unsigned*)at;
    a[1] = *(const unsigned*)(at + 8 * (i64)stride);
    a[2] = *(const unsigned*)(at + 8);
    a[3] = *(const unsigned*)(at + 8 * (i64)stride + 8);
}

static __device__ __forceinline__ float OfBlock(const float* shared, int block)
{
    unsigned there;
    float value;
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"((unsigned)__cvta_generic_to_shared(shared)), "r"(block));
    asm volatile("ld.shared::cluster.f32 %0, [%1];" : "=f"(value) : "r"(there) : "memory");
    return value;
}

static __device__ __forceinline__ void Arrive()
{
    __syncwarp();
    asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
}

static __device__ __forceinline__ void Await()
{
    __syncwarp();
    asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// Memory is idle while a mixer waits for itself: what is read next is asked for meanwhile.
static __device__ __forceinline__ void Bring(const void* from, i64 bytes, int index, int count)
{
    constexpr int Piece = 8192;
    for (i64 at = (i64)index * Piece; at < bytes; at += (i64)count * Piece)
        asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" :: "l"((const char*)from + at), "r"((int)min(bytes - at, (i64)Piece)) : "memory");
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
    alignas(16) __shared__ storage hidden[Rows][Channels + 8];
    alignas(16) __shared__ float partial[GROUPS * OUTPUTS * Rows];
    __shared__ float sums[OUTPUTS * Rows];
    alignas(16) __shared__ storage projected[Rows][OUTPUTS + 8];
    float* raw = partial; // [Rows][Channels], once the partial sums are added up
    const int block = blockIdx.x % Blocks, firstRow = blockIdx.x / Blocks * Rows, firstChannel = block * Channels;
    const int local = threadIdx.x % Channels, set = threadIdx.x / Channels, channel = firstChannel + local;
    const int warp = threadIdx.x / 32, group = warp % GROUPS, firstTile = warp / GROUPS * TilesOfWarp;
    const int inner = threadIdx.x % 32 / 4, outer = threadIdx.x % 4 * 2;
    LetNextBegin();

    // Everything that waits for nothing is asked for at once.
    unsigned weights[TilesOfWarp][4], deltaWeights[DeltaSteps][4];
    float deltaBias[2], a[States], d = 0.0f;
    const auto fetch = [&](int step)
    {
        #pragma unroll
        for (int t = 0; t < TilesOfWarp; t++)
        {
            if (firstTile + t < Tiles)
                Load(weights[t], g.ssm + (i64)(firstTile + t) * 16 * WIDTH + firstChannel + step * 16, WIDTH);
        }
    };
    if (group < Steps)
        fetch(group);
    const int deltaRow = firstChannel + warp * 16 + inner;
    if (warp < DeltaTiles)
    {
        #pragma unroll
        for (int step = 0; step < DeltaSteps; step++)
            Load(deltaWeights[step], g.delta + (i64)(firstChannel + warp * 16) * RANK + step * 16, RANK);
        deltaBias[0] = Storage::Widen(g.deltaBias[deltaRow]);
        deltaBias[1] = Storage::Widen(g.deltaBias[deltaRow + 8]);
    }

    if (WHOLE)
    {
        d = g.d[channel];
        #pragma unroll
        for (int n = 0; n < States; n++)
            a[n] = g.a[n * WIDTH + channel] * 1.44269504088896341f;
    }

    i64 slot[Turns];
    storage now[Turns], z[Turns], window[Turns][TAPS];
    float s[Held][States];
    #pragma unroll
    for (int k = 0; k < Turns; k++)
    {
        const int row = min(firstRow + set + k * Sets, g.rows - 1);
        slot[k] = g.slots ? g.slots[row] : row;
        #pragma unroll
        for (int j = 1; WHOLE && j < TAPS; j++)
            window[k][j] = g.window[(slot[k] * TAPS + j) * WIDTH + channel];
    }

    const auto remember = [&](int first)
    {
        #pragma unroll
        for (int k = 0; k < Held; k++)
        {
            #pragma unroll
            for (int n = 0; n < States; n++)
                s[k][n] = g.state[(slot[first + k] * States + n) * WIDTH + channel];
        }
    };
    if (WHOLE)
    {
        remember(0);
        BringNext(g, blockIdx.x, gridDim.x);
    }

    AwaitPrevious();
    #pragma unroll
    for (int k = 0; k < Turns; k++)
    {
        const i64 at = (i64)min(firstRow + set + k * Sets, g.rows - 1) * g.inputStep + channel;
        now[k] = g.input[at];
        if (WHOLE)
            z[k] = g.input[at + WIDTH];
    }

    if (WHOLE)
    {
        float taps[TAPS];
        #pragma unroll
        for (int j = 0; j < TAPS; j++)
            taps[j] = Storage::Widen(g.taps[j * WIDTH + channel]);
        const float bias = g.tapsBias ? Storage::Widen(g.tapsBias[channel]) : 0.0f;
        #pragma unroll
        for (int k = 0; k < Turns; k++)
        {
            #pragma unroll
            for (int j = 0; j + 1 < TAPS; j++)
                window[k][j] = window[k][j + 1];
            window[k][TAPS - 1] = now[k];
            float sum = bias;
            #pragma unroll
            for (int j = 0; j < TAPS; j++)
                sum = fmaf(taps[j], Storage::Widen(window[k][j]), sum);
            now[k] = Storage::Narrow(Silu(sum));
            if (firstRow + set + k * Sets >= g.rows)
                continue;
            #pragma unroll
            for (int j = 0; j < TAPS; j++)
                g.window[(slot[k] * TAPS + j) * WIDTH + channel] = window[k][j];
        }
    }

    #pragma unroll
    for (int k = 0; k < Turns; k++)
        hidden[set + k * Sets][local] = now[k];
    __syncthreads();

    float products[TilesOfWarp][4];
    #pragma unroll
    for (int t = 0; t < TilesOfWarp; t++)
        products[t][0] = products[t][1] = products[t][2] = products[t][3] = 0.0f;
    for (int step = group; step < Steps; step += GROUPS)
    {
        if (step != group)
            fetch(step);
        const unsigned b0 = *(const unsigned*)&hidden[inner][step * 16 + outer], b1 = *(const unsigned*)&hidden[inner][step * 16 + outer + 8];
        #pragma unroll
        for (int t = 0; t < TilesOfWarp; t++)
        {
            if (firstTile + t < Tiles)
                MultiplyAdd(products[t], weights[t], b0, b1);
        }
    }

    #pragma unroll
    for (int t = 0; t < TilesOfWarp; t++)
    {
        if (firstTile + t >= Tiles)
            break;
        float* at = partial + ((i64)group * OUTPUTS + (firstTile + t) * 16 + inner) * Rows + outer;
        at[0] = products[t][0];
        at[1] = products[t][1];
        at[8 * Rows] = products[t][2];
        at[8 * Rows + 1] = products[t][3];
    }

    __syncthreads();
    for (int i = threadIdx.x; i < OUTPUTS * Rows; i += THREADS)
    {
        float sum = 0.0f;
        #pragma unroll
        for (int k = 0; k < GROUPS; k++)
            sum += partial[(k * OUTPUTS + i / Rows) * Rows + i % Rows];
        sums[i] = sum;
    }

    Arrive();
    Await();
    for (int i = threadIdx.x; i < OUTPUTS * Rows; i += THREADS)
    {
        float parts[Blocks];
        #pragma unroll
        for (int k = 0; k < Blocks; k++)
            parts[k] = OfBlock(sums + i, k);
        float sum = parts[0];
        #pragma unroll
        for (int k = 1; k < Blocks; k++)
            sum += parts[k];
        projected[i % Rows][i / Rows] = Storage::Narrow(sum);
    }

    // Nobody leaves while others read.
    Arrive();
    __syncthreads();
    if (warp < DeltaTiles)
    {
        float product[4] = {0.0f, 0.0f, 0.0f, 0.0f};
        #pragma unroll
        for (int step = 0; step < DeltaSteps; step++)
        {
            MultiplyAdd(product, deltaWeights[step], *(const unsigned*)&projected[inner][step * 16 + outer], *(const unsigned*)&projected[inner][step * 16 + outer + 8]);
        }

        #pragma unroll
        for (int i = 0; i < 4; i++)
        {
            raw[(outer + i % 2) * Channels + warp * 16 + inner + i / 2 * 8] = Storage::Widen(Storage::Narrow(product[i] + deltaBias[i / 2]));
        }
    }

    __syncthreads();
    if (WHOLE)
    {
        #pragma unroll
        for (int first = 0; first < Turns; first += Held)
        {
            if (first > 0)
                remember(first);
            #pragma unroll
            for (int k = 0; k < Held; k++)
            {
                const int index = set + (first + k) * Sets;
                const float x = Storage::Widen(now[first + k]);
                const float dt = Softplus(raw[index * Channels + local]);
                const float dx = dt * x;
                float sum[4] = {d * x, 0.0f, 0.0f, 0.0f};
                #pragma unroll
                for (int n = 0; n < States; n++)
                {
                    s[k][n] = fmaf(PowerOfTwo(dt * a[n]), s[k][n], dx * Storage::Widen(projected[index][RANK + n]));
                    sum[n % 4] = fmaf(s[k][n], Storage::Widen(projected[index][RANK + States + n]), sum[n % 4]);
                }

                if (firstRow + index >= g.rows)
                    continue;
                const float y = (sum[0] + sum[1]) + (sum[2] + sum[3]);
                g.output[(i64)(firstRow + index) * WIDTH + channel] = Storage::Narrow(y * Silu(Storage::Widen(z[first + k])));
                #pragma unroll
                for (int n = 0; n < States; n++)
                    g.state[(slot[first + k] * States + n) * WIDTH + channel] = s[k][n];
            }
        }
    }
    else
    {
        #pragma unroll
        for (int k = 0; k < Turns; k++)
        {
            const int index = set + k * Sets;
            if (firstRow + index < g.rows)
                g.output[(i64)(firstRow + index) * WIDTH + channel] = Storage::Narrow(raw[index * Channels + local]);
        }

        for (int i = threadIdx.x; block == 0 && i < OUTPUTS * Rows; i += THREADS)
        {
            if (firstRow + i / OUTPUTS < g.rows)
                g.projected[(i64)(firstRow + i / OUTPUTS) * OUTPUTS + i % OUTPUTS] = projected[i / OUTPUTS][i % OUTPUTS];
        }
    }

    Await();
}

extern "C" __global__ void __cluster_dims__(8, 1, 1) __launch_bounds__(THREADS, 1) mixer_step(const MixerArguments g) { Step<true>(g); }

extern "C" __global__ void __cluster_dims__(8, 1, 1) __launch_bounds__(THREADS, 1) project_step(const MixerArguments g) { Step<false>(g); }
