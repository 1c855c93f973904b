// Softplus (kind 0), SiLU (1) and product (2) where a site between the scan's steps must be seen: the scan's own arithmetic. INPUT and OUTPUT are the kinds of what is read and returned.

typedef Element<INPUT> Input;
typedef Element<OUTPUT> Output;

struct ElementwiseArguments
{
    const Input::Type* x; // [steps, width], strided
    i64 xStep;
    const Input::Type* y; // the same, of the product
    i64 yStep;
    Output::Type* output; // [steps, width]
    i64 steps;
    int width, kind;
};

extern "C" __global__ void __launch_bounds__(256) elementwise(const ElementwiseArguments g)
{
    const i64 count = g.steps * g.width;
    for (i64 i = blockIdx.x * 256ll + threadIdx.x; i < count; i += gridDim.x * 256ll)
    {
        const i64 step = i / g.width, channel = i % g.width;
        const float value = Input::Widen(g.x[step * g.xStep + channel]);
        g.output[i] = Output::Narrow(g.kind == 0 ? Softplus(value) : g.kind == 1 ? Silu(value) : value * Input::Widen(g.y[step * g.yStep + channel]));
    }
}
