// Put before every other source. STORAGE and RESIDUAL are 0 for fp32, 1 for bf16, 2 for fp16: the dtype of weights and activations, and that of the residual stream.
// Arithmetic is fp32; nothing here needs a header of the toolkit.

typedef long long i64;

template <int KIND> struct Element;

template <> struct Element<0>
{
    typedef float Type;
    static __device__ __forceinline__ float Widen(float value) { return value; }
    static __device__ __forceinline__ float Narrow(float value) { return value; }
};

template <> struct Element<1>
{
    typedef unsigned short Type;
    static __device__ __forceinline__ float Widen(unsigned short bits) { return __uint_as_float(((unsigned)bits) << 16); }
    static __device__ __forceinline__ unsigned short Narrow(float value)
    {
        unsigned short bits;
        asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
        return bits;
    }
};

template <> struct Element<2>
{
    typedef unsigned short Type;
    static __device__ __forceinline__ float Widen(unsigned short bits)
    {
        float value;
        asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
        return value;
    }
    static __device__ __forceinline__ unsigned short Narrow(float value)
    {
        unsigned short bits;
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
        return bits;
    }
};

typedef Element<STORAGE> Storage;
typedef Element<RESIDUAL> Stream;
typedef Storage::Type storage;
typedef Stream::Type stream;

// COUNT neighbours in one access; the address is a multiple of their size.
template <typename T, int COUNT> struct alignas(sizeof(T) * COUNT) Vector
{
    T at[COUNT];
};

// Eight neighbours of a half dtype in one access.
struct alignas(16) Eight
{
    unsigned at[4];
};

static __device__ __forceinline__ float PowerOfTwo(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

static __device__ __forceinline__ float Exp(float x) { return PowerOfTwo(x * 1.44269504088896341f); }

static __device__ __forceinline__ float Silu(float x) { return __fdividef(x, 1.0f + Exp(-x)); }

// log(1 + e^x). Where e^x is small the sum would lose its bits: there it is a series, whose rest is below 2e-7 of it.
static __device__ __forceinline__ float Softplus(float x)
{
    const float u = Exp(x);
    const float series = u * fmaf(u, fmaf(u, fmaf(u, fmaf(u, 0.2f, -0.25f), 1.0f / 3.0f), -0.5f), 1.0f);
    float logarithm;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(logarithm) : "f"(1.0f + u));
    return x > 20.0f ? x : u < 0.0625f ? series : logarithm * 0.693147180559945309f;
}

// x - x is 0 for finite numbers and NaN for the others.
static __device__ __forceinline__ bool IsFinite(float x) { return x - x == 0.0f; }

// sum += a b, sixteen by sixteen times sixteen by eight, as the matrix unit shares them out over a warp. STORAGE is a half dtype.
static __device__ __forceinline__ void MultiplyAdd(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1)
{
#if STORAGE == 1
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
#else
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
#endif
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Kernels of a graph's step may be launched while the one before is at work. Each says at its start that the next may come, and reads before AwaitPrevious only what no kernel of the step
// writes but itself; behind it everything launched before is done and seen. Of a kernel launched otherwise both are nothing.
static __device__ __forceinline__ void LetNextBegin()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;");
#endif
}

static __device__ __forceinline__ void AwaitPrevious()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
