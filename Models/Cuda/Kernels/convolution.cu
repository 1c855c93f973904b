// Causal depthwise convolution and SiLU. TAPS is d_conv, CHANNELS how many neighbours a thread takes.

struct ConvolutionArguments
{
    const storage* input; // [rows, length, width], strides below, last axis contiguous
    const storage* weight; // [TAPS, width]
    const storage* bias; // [width] or null
    storage* state; // [slots, TAPS, width], the last TAPS inputs, oldest first; updated
    const int* slots; // [rows]: where a row's state lies; null: row i has slot i
    const int* spans; // starts of all rows, then ends; null: no padding
    storage* output; // [rows, length, width]; 0 at padded positions
    i64 rowStride;
    int stepStride, rows, length, width, piece;
};

typedef Vector<storage, CHANNELS> Group;

constexpr int Ahead = 8;

// A block takes THREADS groups of channels, `piece` positions and one row. Pieces are counted from the span's start, so that only the first looks at the state.
extern "C" __global__ void __launch_bounds__(THREADS) convolve(const ConvolutionArguments g)
{
    const int channel = (blockIdx.x * THREADS + threadIdx.x) * CHANNELS;
    if (channel >= g.width)
        return;
    float weight[TAPS][CHANNELS], bias[CHANNELS];
    for (int j = 0; j < TAPS; j++)
    {
        const Group w = *(const Group*)(g.weight + (i64)j * g.width + channel);
        for (int i = 0; i < CHANNELS; i++)
            weight[j][i] = Storage::Widen(w.at[i]);
    }

    for (int i = 0; i < CHANNELS; i++)
        bias[i] = g.bias ? Storage::Widen(g.bias[channel + i]) : 0.0f;

    for (int row = blockIdx.z; row < g.rows; row += gridDim.z)
    {
        const int start = g.spans ? g.spans[row] : 0;
        const int end = g.spans ? g.spans[g.rows + row] : g.length;
        const storage* input = g.input + row * g.rowStride + channel;
        storage* output = g.output + (i64)row * g.length * g.width + channel;
        storage* state = g.state + (i64)(g.slots ? g.slots[row] : row) * TAPS * g.width + channel;

        Group none;
        for (int i = 0; i < CHANNELS; i++)
            none.at[i] = 0;
        const int padded = g.length - (end - start);
        for (int p = blockIdx.y * g.piece; p < min((blockIdx.y + 1) * g.piece, padded); p++)
            *(Group*)(output + (i64)(p < start ? p : p + end - start) * g.width) = none;

        const int from = start + blockIdx.y * g.piece;
        const int to = min(from + g.piece, end);
        if (from < to)
        {
            Group window[TAPS];
            #pragma unroll
            for (int j = 1; j < TAPS; j++)
            {
                const int t = from - TAPS + j;
                window[j] = t >= start ? *(const Group*)(input + (i64)t * g.stepStride) : *(const Group*)(state + (i64)(TAPS + t - start) * g.width);
            }

            for (int first = from; first < to; first += Ahead)
            {
                // All loads of a group of steps are under way before the first is used.
                Group next[Ahead];
                #pragma unroll
                for (int k = 0; k < Ahead; k++)
                {
                    if (first + k < to)
                        next[k] = *(const Group*)(input + (i64)(first + k) * g.stepStride);
                }

                #pragma unroll
                for (int k = 0; k < Ahead; k++)
                {
                    if (first + k >= to)
                        break;
                    #pragma unroll
                    for (int j = 0; j + 1 < TAPS; j++)
                        window[j] = window[j + 1];
                    window[TAPS - 1] = next[k];
                    Group result;
                    #pragma unroll
                    for (int i = 0; i < CHANNELS; i++)
                    {
                        float sum = bias[i];
                        #pragma unroll
                        for (int j = 0; j < TAPS; j++)
                            sum = fmaf(weight[j][i], Storage::Widen(window[j].at[i]), sum);
                        result.at[i] = Storage::Narrow(Silu(sum));
                    }

                    *(Group*)(output + (i64)(first + k) * g.width) = result;
                }
            }
        }

        // The piece that reads the state writes it, when it has read.
        if (blockIdx.y == 0 && end > start)
        {
            Group next[TAPS];
            #pragma unroll
            for (int j = 0; j < TAPS; j++)
            {
                const int t = end - TAPS + j;
                next[j] = t >= start ? *(const Group*)(input + (i64)t * g.stepStride) : *(const Group*)(state + (i64)(TAPS + t - start) * g.width);
            }

            #pragma unroll
            for (int j = 0; j < TAPS; j++)
                *(Group*)(state + (i64)j * g.width) = next[j];
        }
    }
}
