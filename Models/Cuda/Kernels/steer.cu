// Interventions of one site written into activations, and what they did, measured on the tensors before and after. One block a touch: an intervention on a run of positions of a row.

struct Touch
{
    int row, residualRow, from, to, promptTo; // positions [from, to); those below promptTo are measured
    int operation, hasRatio; // 0 scale, 1 zero, 2 set, 3 add
    float factor;
    int channels, channelCount, values; // offsets into the tables
    int before, flags; // position offsets into the copies and the flags
};

struct SteerArguments
{
    storage* x; // [rows, length, width], strides below, last axis contiguous
    const stream* residual; // [rows, length, residualWidth]
    const Touch* touches;
    const int* channels;
    const float* values;
    storage* before; // [positions of all touches, width]
    double* measured; // [touches, 5]: least and largest ratio on target, largest deviation off target, squares of the change, squares of the residual stream
    unsigned char* flags; // [positions of all touches]: 1 where x holds what the intervention makes of what it held before
    i64 xRow;
    int xStep, width, residualWidth, length;
};

static __device__ __forceinline__ float Result(const Touch& touch, const SteerArguments& g, int i, float value)
{
    switch (touch.operation)
    {
        case 0: return value * touch.factor;
        case 1: return 0.0f;
        case 2: return g.values[touch.values + i];
        default: return value + g.values[touch.values + i];
    }
}

// NaN wins, as everywhere.
static __device__ __forceinline__ double Larger(double a, double b) { return b != b || b > a ? b : a; }

static __device__ __forceinline__ double Smaller(double a, double b) { return b != b || b < a ? b : a; }

static __device__ __forceinline__ double Shuffle(double value, int distance) { return __shfl_xor_sync(0xffffffffu, value, distance); }

// Before the first write: at ResidualPre the activation is the residual stream itself.
extern "C" __global__ void __launch_bounds__(256) measure_residual(const SteerArguments g)
{
    __shared__ double partial[8];
    const Touch touch = g.touches[blockIdx.x];
    const stream* residual = g.residual + ((i64)touch.residualRow * g.length + touch.from) * g.residualWidth;
    const i64 count = (i64)max(0, touch.promptTo - touch.from) * g.residualWidth;
    double sum = 0;
    for (i64 i = threadIdx.x; i < count; i += 256)
    {
        const double value = Stream::Widen(residual[i]);
        sum += value * value;
    }

    for (int distance = 16; distance > 0; distance /= 2)
        sum += Shuffle(sum, distance);
    if (threadIdx.x % 32 == 0)
        partial[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0)
    {
        for (int i = 1; i < 8; i++)
            sum += partial[i];
        g.measured[blockIdx.x * 5 + 4] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256) save(const SteerArguments g, int first)
{
    const Touch touch = g.touches[first + blockIdx.x];
    const i64 count = (i64)(touch.to - touch.from) * g.width;
    for (i64 i = blockIdx.y * 256ll + threadIdx.x; i < count; i += gridDim.y * 256ll)
        g.before[(i64)touch.before * g.width + i] = g.x[touch.row * g.xRow + (touch.from + i / g.width) * g.xStep + i % g.width];
}

extern "C" __global__ void __launch_bounds__(256) write(const SteerArguments g, int first)
{
    const Touch touch = g.touches[first + blockIdx.x];
    const i64 count = (i64)(touch.to - touch.from) * touch.channelCount;
    for (i64 i = blockIdx.y * 256ll + threadIdx.x; i < count; i += gridDim.y * 256ll)
    {
        const int channel = (int)(i % touch.channelCount);
        storage* at = g.x + touch.row * g.xRow + (touch.from + i / touch.channelCount) * g.xStep + g.channels[touch.channels + channel];
        *at = Storage::Narrow(Result(touch, g, channel, Storage::Widen(*at)));
    }
}

extern "C" __global__ void __launch_bounds__(256) measure(const SteerArguments g, int first)
{
    extern __shared__ unsigned isTarget[]; // a bit a channel
    __shared__ double partial[8][4];
    const Touch touch = g.touches[first + blockIdx.x];
    const storage* before = g.before + (i64)touch.before * g.width;
    const storage* after = g.x + touch.row * g.xRow + (i64)touch.from * g.xStep;
    for (int i = threadIdx.x; i < (g.width + 31) / 32; i += 256)
        isTarget[i] = 0;
    __syncthreads();
    for (int i = threadIdx.x; i < touch.channelCount; i += 256)
    {
        const int channel = g.channels[touch.channels + i];
        atomicOr(&isTarget[channel / 32], 1u << channel % 32);
    }

    __syncthreads();
    for (int position = threadIdx.x / 32; position < touch.to - touch.from; position += 8)
    {
        bool holds = true;
        for (int i = threadIdx.x % 32; i < touch.channelCount; i += 32)
        {
            const int channel = g.channels[touch.channels + i];
            const float expected = Storage::Widen(Storage::Narrow(Result(touch, g, i, Storage::Widen(before[(i64)position * g.width + channel]))));
            const float found = Storage::Widen(after[(i64)position * g.xStep + channel]);
            holds = holds && (expected == found || (expected != expected && found != found));
        }

        holds = __all_sync(0xffffffffu, holds);
        if (threadIdx.x % 32 == 0)
            g.flags[touch.flags + position] = holds;
    }

    double least = 1.0 / 0.0, most = -1, off = -1, change = 0;
    const int positions = touch.promptTo - touch.from;
    for (int channel = threadIdx.x; channel < g.width && positions > 0; channel += 256)
    {
        double squaresBefore = 0, squaresAfter = 0;
        #pragma unroll 4
        for (int position = 0; position < positions; position++)
        {
            const double b = Storage::Widen(before[(i64)position * g.width + channel]);
            const double a = Storage::Widen(after[(i64)position * g.xStep + channel]);
            squaresBefore += b * b;
            squaresAfter += a * a;
            change += (a - b) * (a - b);
        }

        if (squaresBefore == 0)
            continue;
        const double ratio = squaresAfter == squaresBefore ? 1.0 : sqrt(squaresAfter / squaresBefore);
        if (!(isTarget[channel / 32] >> channel % 32 & 1))
        {
            off = Larger(off, fabs(ratio - 1));
        }
        else if (touch.hasRatio)
        {
            least = Smaller(least, ratio);
            most = Larger(most, ratio);
        }
    }

    for (int distance = 16; distance > 0; distance /= 2)
    {
        least = Smaller(least, Shuffle(least, distance));
        most = Larger(most, Shuffle(most, distance));
        off = Larger(off, Shuffle(off, distance));
        change += Shuffle(change, distance);
    }

    double* mine = partial[threadIdx.x / 32];
    if (threadIdx.x % 32 == 0)
    {
        mine[0] = least;
        mine[1] = most;
        mine[2] = off;
        mine[3] = change;
    }

    __syncthreads();
    if (threadIdx.x == 0)
    {
        for (int i = 1; i < 8; i++)
        {
            least = Smaller(least, partial[i][0]);
            most = Larger(most, partial[i][1]);
            off = Larger(off, partial[i][2]);
            change += partial[i][3];
        }

        double* result = g.measured + (i64)(first + blockIdx.x) * 5;
        result[0] = least;
        result[1] = most;
        result[2] = off;
        result[3] = change;
    }
}
