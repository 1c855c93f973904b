// Rows of a tensor, copied in another order: forks of activations and states, and the rows of tokens.

struct GatherArguments
{
    const char* source; // [.., steps, bytes], strides in bytes
    const int* rows; // [count]
    const int* targets; // [count]: rows of the target; null: i
    char* target; // [.., steps, bytes]
    i64 rowStride, stepStride, bytes;
    int count, steps;
};

// Everything is a multiple of UNIT bytes, which a thread moves at once.
template <int BYTES> struct UnitOf { typedef Vector<unsigned, BYTES / 4> Type; };
template <> struct UnitOf<1> { typedef unsigned char Type; };
template <> struct UnitOf<2> { typedef unsigned short Type; };
typedef UnitOf<UNIT>::Type Unit;

extern "C" __global__ void __launch_bounds__(256) gather(const GatherArguments g)
{
    const i64 units = g.bytes / UNIT, perRow = units * g.steps;
    for (int row = blockIdx.y; row < g.count; row += gridDim.y)
    {
        const char* source = g.source + g.rows[row] * g.rowStride;
        char* target = g.target + (g.targets ? g.targets[row] : row) * perRow * UNIT;
        for (i64 i = blockIdx.x * 256ll + threadIdx.x; i < perRow; i += gridDim.x * 256ll)
            *(Unit*)(target + i * UNIT) = *(const Unit*)(source + i / units * g.stepStride + i % units * UNIT);
    }
}

struct EmbedArguments
{
    const i64* tokens; // [positions]
    const storage* embedding; // [vocabulary, width]
    stream* output; // [positions, width]
    i64 positions;
    int width, vocabulary;
};

// The residual stream's first values; a token outside the vocabulary gives NaN, which the look-out of the first layer finds.
extern "C" __global__ void __launch_bounds__(256) embed(const EmbedArguments g)
{
    const i64 count = g.positions * g.width;
    for (i64 i = blockIdx.x * 256ll + threadIdx.x; i < count; i += gridDim.x * 256ll)
    {
        const i64 token = g.tokens[i / g.width];
        g.output[i] = Stream::Narrow(token >= 0 && token < g.vocabulary ? Storage::Widen(g.embedding[token * g.width + i % g.width]) : __int_as_float(0x7fffffff));
    }
}
