// Softplus, selective scan, D skip and gate in one pass over each sequence. STATES is d_state; the states of a channel are shared out among SPLIT lanes of a warp and stay
// in registers, so no [rows, length, width, STATES] tensor ever exists. Rows and channels share nothing. DELTA and OUTPUT are the kinds of delta and of what is returned: values
// between the steps are fp32, inside the kernel and where a site is looked at, so that looking changes no bit. With ONLY one position of each row is returned. GATED says that z is there,
// ACTIVATED that delta is after softplus, SCALED that there are factors: a branch inside the walk costs more than a kernel for each.

typedef Element<DELTA> Delta;
typedef Element<OUTPUT> Output;

struct ScanArguments
{
    const storage* h; // [rows, length, width], strided like delta and z
    const Delta::Type* delta; // before softplus, or after it when ACTIVATED
    const storage* b; // [rows, length, STATES], strided like c
    const storage* c;
    const storage* z; // gate before SiLU; without GATED the output is y
    const float* a; // [STATES, width], -exp(A_log)
    const float* d; // [width]
    const float* deltaScale; // [rows, width] factors on delta after softplus, on y + D h, on SiLU(z); null: none
    const float* outputScale;
    const float* gateScale;
    float* state; // [slots, STATES, width], updated
    const int* slots; // [rows]: where a row's state lies; null: row i has slot i
    const int* spans; // starts of all rows, then ends; null: no padding
    const int* only; // with ONLY: the position of each row that is returned, inside its span
    Output::Type* output; // [rows, length, width]; 0 at padded positions; with ONLY [rows, width]
    i64 hRow, deltaRow, bRow, zRow;
    int hStep, deltaStep, bStep, zStep, rows, length, width;
};

// Of a row and channel.
struct Scales
{
    float delta, output, gate;

    __device__ __forceinline__ Scales(const ScanArguments& g, i64 at)
    {
        delta = SCALED && g.deltaScale ? g.deltaScale[at] : 1.0f;
        output = SCALED && g.outputScale ? g.outputScale[at] : 1.0f;
        gate = SCALED && g.gateScale ? g.gateScale[at] : 1.0f;
    }

    __device__ __forceinline__ float OfDelta(Delta::Type stored) const
    {
        const float raw = Delta::Widen(stored), dt = ACTIVATED ? raw : Softplus(raw);
        return SCALED ? dt * delta : dt;
    }

    __device__ __forceinline__ Output::Type OfOutput(float y, storage z) const
    {
        if (SCALED)
            y *= output;
        if (GATED)
            y *= SCALED ? Silu(Storage::Widen(z)) * gate : Silu(Storage::Widen(z));
        return Output::Narrow(y);
    }
};

constexpr int LanesOfChannel = 32 / SPLIT;
constexpr int Part = (STATES + SPLIT - 1) / SPLIT;
constexpr int Padded = (Part * SPLIT + 3) / 4 * 4;
constexpr int Tile = Padded <= 16 ? 32 : Padded <= 64 ? 16 : 8;
constexpr int Ahead = 4;
constexpr int Wide = Part % 4 == 0 ? 4 : 1;

typedef Vector<float, Wide> States;

// One instruction, where an index of elements takes three.
template <typename T> static __device__ __forceinline__ T* At(T* from, int t, int stepBytes) { return (T*)((char*)from + (i64)t * stepBytes); }

extern "C" __global__ void __launch_bounds__(THREADS, 512 / THREADS) scan(const ScanArguments g)
{
    alignas(16) __shared__ float sharedB[Tile][Padded];
    alignas(16) __shared__ float sharedC[Tile][Padded];
    const int lane = threadIdx.x % 32;
    const int part = lane / LanesOfChannel;
    const int wanted = blockIdx.x * (THREADS / SPLIT) + threadIdx.x / 32 * LanesOfChannel + lane % LanesOfChannel;
    const bool isThere = wanted < g.width;
    const int channel = isThere ? wanted : g.width - 1;
    const bool writes = isThere && part == 0;
    const int hStep = g.hStep * (int)sizeof(storage), deltaStep = g.deltaStep * (int)sizeof(Delta::Type), zStep = g.zStep * (int)sizeof(storage), outputStep = g.width * (int)sizeof(Output::Type);

    for (int row = blockIdx.y; row < g.rows; row += gridDim.y)
    {
        const int start = g.spans ? g.spans[row] : 0;
        const int end = g.spans ? g.spans[g.rows + row] : g.length;
        const storage* h = g.h + row * g.hRow + channel;
        const Delta::Type* delta = g.delta + row * g.deltaRow + channel;
        const storage* z = GATED ? g.z + row * g.zRow + channel : nullptr;
        const storage* b = g.b + row * g.bRow;
        const storage* c = g.c + row * g.bRow;
        Output::Type* output = g.output + (i64)row * (ONLY ? 1 : g.length) * g.width + channel;
        const int only = ONLY ? g.only[row] : 0;
        float* state = g.state + (i64)(g.slots ? g.slots[row] : row) * STATES * g.width + channel;
        const Scales scales(g, (i64)row * g.width + channel);
        const float d = part == 0 ? g.d[channel] : 0.0f;
        if (writes && !ONLY)
        {
            for (int t = 0; t < start; t++)
                output[(i64)t * g.width] = 0;
            for (int t = end; t < g.length; t++)
                output[(i64)t * g.width] = 0;
        }

        if (start == end)
            continue;
        float s[Part], a[Part];
        #pragma unroll
        for (int i = 0; i < Part; i++)
        {
            const int n = part * Part + i;
            s[i] = n < STATES ? state[(i64)n * g.width] : 0.0f;
            a[i] = n < STATES ? g.a[(i64)n * g.width + channel] * 1.44269504088896341f : 0.0f;
        }

        // Inputs are asked for one group of steps before they are used.
        storage nextH[Ahead], nextZ[Ahead];
        Delta::Type nextDelta[Ahead];
        const auto fetch = [&](int first)
        {
            #pragma unroll
            for (int k = 0; k < Ahead; k++)
            {
                const int t = min(first + k, end - 1);
                nextH[k] = *At(h, t, hStep);
                nextDelta[k] = *At(delta, t, deltaStep);
                if (GATED)
                    nextZ[k] = *At(z, t, zStep);
            }
        };
        fetch(start);
        for (int first = start; first < end; first += Tile)
        {
            const int count = min(Tile, end - first);
            __syncthreads();
            for (int i = threadIdx.x; i < count * Padded; i += THREADS)
            {
                const int step = i / Padded, n = i % Padded;
                const i64 at = (i64)(first + step) * g.bStep + n;
                sharedB[step][n] = n < STATES ? Storage::Widen(b[at]) : 0.0f;
                sharedC[step][n] = n < STATES ? Storage::Widen(c[at]) : 0.0f;
            }

            __syncthreads();
            for (int group = 0; group < count; group += Ahead)
            {
                storage nowH[Ahead], nowZ[Ahead];
                Delta::Type nowDelta[Ahead];
                #pragma unroll
                for (int k = 0; k < Ahead; k++)
                {
                    nowH[k] = nextH[k];
                    nowDelta[k] = nextDelta[k];
                    if (GATED)
                        nowZ[k] = nextZ[k];
                }

                fetch(first + group + Ahead);
                const auto take = [&](int k)
                {
                    const float x = Storage::Widen(nowH[k]);
                    const float dt = scales.OfDelta(nowDelta[k]);
                    const float dx = dt * x;
                    float sums[4] = {d * x, 0.0f, 0.0f, 0.0f};
                    #pragma unroll
                    for (int i = 0; i < Part; i += Wide)
                    {
                        const States bs = *(const States*)&sharedB[group + k][part * Part + i];
                        const States cs = *(const States*)&sharedC[group + k][part * Part + i];
                        #pragma unroll
                        for (int n = 0; n < Wide; n++)
                        {
                            s[i + n] = fmaf(PowerOfTwo(dt * a[i + n]), s[i + n], dx * bs.at[n]);
                            sums[(i + n) % 4] = fmaf(s[i + n], cs.at[n], sums[(i + n) % 4]);
                        }
                    }

                    float y = (sums[0] + sums[1]) + (sums[2] + sums[3]);
                    #pragma unroll
                    for (int distance = LanesOfChannel; distance < 32; distance *= 2)
                        y += __shfl_xor_sync(0xffffffffu, y, distance);
                    const Output::Type result = scales.OfOutput(y, nowZ[k]);
                    if (writes && (!ONLY || first + group + k == only))
                        *At(output, ONLY ? 0 : first + group + k, outputStep) = result;
                };

                // A whole group has no branch in it, so that what does not wait for the state goes ahead of it.
                if (group + Ahead <= count)
                {
                    #pragma unroll
                    for (int k = 0; k < Ahead; k++)
                        take(k);
                }
                else
                {
                    #pragma unroll
                    for (int k = 0; k < Ahead; k++)
                    {
                        if (group + k < count)
                            take(k);
                    }
                }
            }
        }

        if (isThere)
        {
            #pragma unroll
            for (int i = 0; i < Part; i++)
            {
                const int n = part * Part + i;
                if (n < STATES)
                    state[(i64)n * g.width] = s[i];
            }
        }
    }
}

// The same for few rows: what does not wait for the state (softplus, gate, D skip) is done for a tile of positions at once, so that the walk along the sequence is short. Bits are those above.
constexpr int TileChannels = THREADS / SPLIT;
constexpr int TileSteps = SPLIT < 4 ? 8 * SPLIT : Padded < 64 ? 32 : 16;
constexpr int PerThread = TileSteps * TileChannels / THREADS;
constexpr int PerTileB = (TileSteps * STATES + THREADS - 1) / THREADS;

extern "C" __global__ void __launch_bounds__(THREADS) scan_tiled(const ScanArguments g)
{
    alignas(16) __shared__ float sharedB[TileSteps][Padded];
    alignas(16) __shared__ float sharedC[TileSteps][Padded];
    __shared__ float2 sharedDelta[TileSteps][TileChannels]; // dt and dt x
    __shared__ float sharedSkip[TileSteps][TileChannels]; // D x
    __shared__ float sharedY[TileSteps][TileChannels];
    const int lane = threadIdx.x % 32;
    const int part = lane / LanesOfChannel;
    const int local = threadIdx.x / 32 * LanesOfChannel + lane % LanesOfChannel;
    const int base = blockIdx.x * TileChannels;
    const bool isThere = base + local < g.width;
    const int channel = isThere ? base + local : g.width - 1;

    for (int row = blockIdx.y; row < g.rows; row += gridDim.y)
    {
        const int start = g.spans ? g.spans[row] : 0;
        const int end = g.spans ? g.spans[g.rows + row] : g.length;
        const storage* b = g.b + row * g.bRow;
        const storage* c = g.c + row * g.bRow;
        Output::Type* output = g.output + (i64)row * (ONLY ? 1 : g.length) * g.width;
        const int only = ONLY ? g.only[row] : 0;
        float* state = g.state + (i64)(g.slots ? g.slots[row] : row) * STATES * g.width + channel;
        for (int i = threadIdx.x; i < (ONLY ? 0 : g.length - (end - start)) * TileChannels; i += THREADS)
        {
            const int p = i / TileChannels, at = base + i % TileChannels;
            if (at < g.width)
                output[(i64)(p < start ? p : p + end - start) * g.width + at] = 0;
        }

        // Of states beyond the last, where they do not divide by the lanes.
        for (int i = threadIdx.x; i < TileSteps * (Padded - STATES); i += THREADS)
            sharedB[i / (Padded - STATES + !(Padded - STATES))][STATES + i % (Padded - STATES + !(Padded - STATES))] = sharedC[i / (Padded - STATES + !(Padded - STATES))][STATES + i % (Padded - STATES + !(Padded - STATES))] = 0.0f;
        if (start == end)
            continue;
        float s[Part], a[Part];
        #pragma unroll
        for (int i = 0; i < Part; i++)
        {
            const int n = part * Part + i;
            s[i] = n < STATES ? state[(i64)n * g.width] : 0.0f;
            a[i] = n < STATES ? g.a[(i64)n * g.width + channel] * 1.44269504088896341f : 0.0f;
        }

        // A thread prepares and finishes the same channel at PerThread positions of each tile.
        const int own = threadIdx.x % TileChannels, ownStep = threadIdx.x / TileChannels;
        const int ownChannel = min(base + own, g.width - 1);
        const Scales scales(g, (i64)row * g.width + ownChannel);
        const float d = g.d[ownChannel];
        const storage* h = g.h + row * g.hRow + ownChannel;
        const Delta::Type* delta = g.delta + row * g.deltaRow + ownChannel;
        const storage* z = GATED ? g.z + row * g.zRow + ownChannel : nullptr;
        storage nextH[PerThread], nextZ[PerThread], nextB[PerTileB], nextC[PerTileB];
        Delta::Type nextDelta[PerThread];
        const auto fetch = [&](int first)
        {
            #pragma unroll
            for (int k = 0; k < PerThread; k++)
            {
                const int t = min(first + ownStep + k * (THREADS / TileChannels), end - 1);
                nextH[k] = h[(i64)t * g.hStep];
                nextDelta[k] = delta[(i64)t * g.deltaStep];
                if (GATED)
                    nextZ[k] = z[(i64)t * g.zStep];
            }

            #pragma unroll
            for (int k = 0; k < PerTileB; k++)
            {
                const int i = threadIdx.x + k * THREADS;
                const i64 at = (i64)min(first + i / STATES, end - 1) * g.bStep + i % STATES;
                if (i < TileSteps * STATES)
                {
                    nextB[k] = b[at];
                    nextC[k] = c[at];
                }
            }
        };
        fetch(start);
        for (int first = start; first < end; first += TileSteps)
        {
            const int count = min(TileSteps, end - first);
            storage nowZ[PerThread];
            #pragma unroll
            for (int k = 0; k < PerThread; k++)
            {
                const int step = ownStep + k * (THREADS / TileChannels);
                const float x = Storage::Widen(nextH[k]);
                const float dt = scales.OfDelta(nextDelta[k]);
                sharedDelta[step][own] = make_float2(dt, dt * x);
                sharedSkip[step][own] = d * x;
                if (GATED)
                    nowZ[k] = nextZ[k];
            }

            #pragma unroll
            for (int k = 0; k < PerTileB; k++)
            {
                const int i = threadIdx.x + k * THREADS;
                if (i < TileSteps * STATES)
                {
                    sharedB[i / STATES][i % STATES] = Storage::Widen(nextB[k]);
                    sharedC[i / STATES][i % STATES] = Storage::Widen(nextC[k]);
                }
            }

            __syncthreads();
            fetch(first + TileSteps);
            #pragma unroll 8
            for (int t = 0; t < count; t++)
            {
                const float2 dt = sharedDelta[t][local];
                float sums[4] = {part == 0 ? sharedSkip[t][local] : 0.0f, 0.0f, 0.0f, 0.0f};
                #pragma unroll
                for (int i = 0; i < Part; i += Wide)
                {
                    const States bs = *(const States*)&sharedB[t][part * Part + i];
                    const States cs = *(const States*)&sharedC[t][part * Part + i];
                    #pragma unroll
                    for (int n = 0; n < Wide; n++)
                    {
                        s[i + n] = fmaf(PowerOfTwo(dt.x * a[i + n]), s[i + n], dt.y * bs.at[n]);
                        sums[(i + n) % 4] = fmaf(s[i + n], cs.at[n], sums[(i + n) % 4]);
                    }
                }

                float y = (sums[0] + sums[1]) + (sums[2] + sums[3]);
                #pragma unroll
                for (int distance = LanesOfChannel; distance < 32; distance *= 2)
                    y += __shfl_xor_sync(0xffffffffu, y, distance);
                if (part == 0)
                    sharedY[t][local] = y;
            }

            __syncthreads();
            #pragma unroll
            for (int k = 0; k < PerThread; k++)
            {
                const int step = ownStep + k * (THREADS / TileChannels);
                if (step >= count || base + own >= g.width || (ONLY && first + step != only))
                    continue;
                output[(ONLY ? 0 : (i64)(first + step) * g.width) + ownChannel] = scales.OfOutput(sharedY[step][own], nowZ[k]);
            }

            __syncthreads();
        }

        if (isThere)
        {
            #pragma unroll
            for (int i = 0; i < Part; i++)
            {
                const int n = part * Part + i;
                if (n < STATES)
                    state[(i64)n * g.width] = s[i];
            }
        }
    }
}
