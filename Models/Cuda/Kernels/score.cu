// What is asked of next-token distributions, so that logits never leave the device. A block takes one position; sums over the vocabulary are double and run in one fixed order.

struct ScoreArguments
{
    const float* logits; // [positions, vocabulary], rows stride apart
    const int* targetEnds; // [positions]: where a position's targets end
    const int* targets;
    double* targetLogProbabilities;
    double* normalizers; // [positions], log of the sum of exponentials
    int* likeliest; // [positions], the lowest of equals
    int* finite; // [positions]
    int vocabulary, stride;
};

struct CompareArguments
{
    const float* logits; // [positions, vocabulary], rows stride apart
    const double* normalizers;
    const float* const* references; // [positions]: logits of the position to compare with, or null
    const double* referenceNormalizers;
    double* kl; // [positions]
    int vocabulary, stride;
};

struct ChooseArguments
{
    const float* logits; // [rows, vocabulary], rows stride apart, a multiple of four
    const int* watch; // [layers, rows]: the first position that is not finite, or the largest number
    i64* tokens; // [rows]: what is read next
    int* results; // [rows, 3]: token, whether its logits are finite, the first layer that is not or -1
    int vocabulary, stride, rows, layers;
};

static __device__ __forceinline__ double Sum(double value, double* partial)
{
    for (int distance = 16; distance > 0; distance /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    if (threadIdx.x % 32 == 0)
        partial[threadIdx.x / 32] = value;
    __syncthreads();
    double sum = 0;
    for (int i = 0; i < THREADS / 32; i++)
        sum += partial[i];
    return sum;
}

extern "C" __global__ void __launch_bounds__(THREADS) score(const ScoreArguments g)
{
    __shared__ float bestValues[THREADS / 32];
    __shared__ int bestTokens[THREADS / 32];
    __shared__ double partial[THREADS / 32];
    const int position = blockIdx.x;
    const float* logits = g.logits + (i64)position * g.stride;
    float best = -1.0f / 0.0f;
    int token = 0x7fffffff;
    bool isFinite = true;
    for (int i = threadIdx.x; i < g.vocabulary; i += THREADS)
    {
        const float value = logits[i];
        isFinite = isFinite && IsFinite(value);
        if (value > best)
        {
            best = value;
            token = i;
        }
    }

    for (int distance = 16; distance > 0; distance /= 2)
    {
        const float otherBest = __shfl_xor_sync(0xffffffffu, best, distance);
        const int otherToken = __shfl_xor_sync(0xffffffffu, token, distance);
        if (otherBest > best || (otherBest == best && otherToken < token))
        {
            best = otherBest;
            token = otherToken;
        }
    }

    if (threadIdx.x % 32 == 0)
    {
        bestValues[threadIdx.x / 32] = best;
        bestTokens[threadIdx.x / 32] = token;
    }

    const bool allFinite = !__syncthreads_or(!isFinite);
    for (int i = 0; i < THREADS / 32; i++)
    {
        if (bestValues[i] > best || (bestValues[i] == best && bestTokens[i] < token))
        {
            best = bestValues[i];
            token = bestTokens[i];
        }
    }

    double sum = 0;
    for (int i = threadIdx.x; i < g.vocabulary; i += THREADS)
        sum += Exp(logits[i] - best);
    const double normalizer = best + log(Sum(sum, partial));
    if (threadIdx.x == 0)
    {
        g.normalizers[position] = normalizer;
        g.likeliest[position] = token < g.vocabulary ? token : 0;
        g.finite[position] = allFinite && normalizer - normalizer == 0;
    }

    for (int i = (position == 0 ? 0 : g.targetEnds[position - 1]) + threadIdx.x; i < g.targetEnds[position]; i += THREADS)
        g.targetLogProbabilities[i] = logits[g.targets[i]] - normalizer;
}

// The likeliest token of each row, and nothing else of its distribution.
extern "C" __global__ void __launch_bounds__(THREADS) choose(const ChooseArguments g)
{
    __shared__ float bestValues[THREADS / 32];
    __shared__ int bestTokens[THREADS / 32];
    __shared__ int diverged;
    const int row = blockIdx.x;
    const float* logits = g.logits + (i64)row * g.stride;
    float best = -1.0f / 0.0f;
    int token = 0x7fffffff;
    bool isFinite = true;
    const auto take = [&](float value, int i)
    {
        isFinite = isFinite && IsFinite(value);
        if (value > best)
        {
            best = value;
            token = i;
        }
    };
    if (threadIdx.x == 0)
        diverged = 0x7fffffff;
    const int fours = g.vocabulary / 4;
    #pragma unroll 4
    for (int i = threadIdx.x; i < fours; i += THREADS)
    {
        const Vector<float, 4> values = *(const Vector<float, 4>*)(logits + 4 * i);
        #pragma unroll
        for (int j = 0; j < 4; j++)
            take(values.at[j], 4 * i + j);
    }

    for (int i = 4 * fours + threadIdx.x; i < g.vocabulary; i += THREADS)
        take(logits[i], i);
    for (int distance = 16; distance > 0; distance /= 2)
    {
        const float otherBest = __shfl_xor_sync(0xffffffffu, best, distance);
        const int otherToken = __shfl_xor_sync(0xffffffffu, token, distance);
        if (otherBest > best || (otherBest == best && otherToken < token))
        {
            best = otherBest;
            token = otherToken;
        }
    }

    if (threadIdx.x % 32 == 0)
    {
        bestValues[threadIdx.x / 32] = best;
        bestTokens[threadIdx.x / 32] = token;
    }

    const bool allFinite = !__syncthreads_or(!isFinite);
    for (int layer = threadIdx.x; layer < g.layers; layer += THREADS)
    {
        if (g.watch[layer * g.rows + row] != 0x7fffffff)
            atomicMin(&diverged, layer);
    }

    __syncthreads();
    if (threadIdx.x != 0)
        return;
    for (int i = 1; i < THREADS / 32; i++)
    {
        if (bestValues[i] > best || (bestValues[i] == best && bestTokens[i] < token))
        {
            best = bestValues[i];
            token = bestTokens[i];
        }
    }

    token = token < g.vocabulary ? token : 0;
    g.tokens[row] = token;
    g.results[3 * row] = token;
    g.results[3 * row + 1] = allFinite;
    g.results[3 * row + 2] = diverged == 0x7fffffff ? -1 : diverged;
}

// KL(reference || position).
extern "C" __global__ void __launch_bounds__(THREADS) compare(const CompareArguments g)
{
    __shared__ double partial[THREADS / 32];
    const int position = blockIdx.x;
    const float* reference = g.references[position];
    if (!reference)
        return;
    const float* logits = g.logits + (i64)position * g.stride;
    const double normalizer = g.normalizers[position], referenceNormalizer = g.referenceNormalizers[position];
    double sum = 0;
    for (int i = threadIdx.x; i < g.vocabulary; i += THREADS)
    {
        const double p = reference[i] - referenceNormalizer;
        sum += Exp((float)p) * (p - (logits[i] - normalizer));
    }

    sum = Sum(sum, partial);
    if (threadIdx.x == 0)
        g.kl[position] = sum > 0 ? sum : 0;
}
