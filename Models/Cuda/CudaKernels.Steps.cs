using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>Kernels of a step of few rows.</summary>
internal sealed partial class CudaKernels
{
    /// <summary>Beyond so many the steps of a mixer one by one are faster than its whole in one kernel, whose blocks hold no second set of rows while they wait.</summary>
    private const int MostStepRows = 192;

    /// <summary>Threads and groups of the kernels of mixer.cu; null: they do not fit these sizes, this dtype or this device.</summary>
    public (int Threads, int Groups)? MixerShape(MambaConfig config)
    {
        var outputs = config.DtRank + 32;
        var channels = config.DInner / 8;
        var threads = 2 * channels;
        if (!context.HasClusters || channels > 256 || storage == ScalarType.Float32 || config.DState != 16 || config.DInner % 256 != 0 || config.DtRank % 16 != 0)
            return null;
        // Partial sums of as many groups of warps as fit into the shared memory that a kernel has without asking, and later Δ of the block's channels.
        var warps = threads / 32;
        for (var groups = warps; groups > 0; groups--)
        {
            var bytes = (groups * outputs * 32) + (outputs * 32) + (16 * (channels + 8 + outputs + 8));
            if (warps % groups == 0 && bytes <= 47 << 10 && groups * outputs >= channels)
                return (threads, groups);
        }

        return null;
    }

    /// <summary>Whether so many rows go through them and through <see cref="StepProducts"/>, if it is one token of each: seen or not, for the sake of their bits.</summary>
    public static bool AreFew(long rows, long length) => length == 1 && rows <= MostStepRows;

    /// <summary>A kernel of mixer.cu.</summary>
    public void Mixer(string name, in MixerArguments g, MambaConfig config, (int Threads, int Groups) shape)
    {
        if (g.Rows == 0)
            return;
        var outputs = config.DtRank + 32;
        var kernel = Find(name, config.DInner, config.DtRank, config.DConv, 0)
            ?? Keep(name, config.DInner, config.DtRank, config.DConv, 0, context.Function(
                "mixer", name,
                [
                    Storage, Residual, $"WIDTH={config.DInner}", $"OUTPUTS={outputs}", $"RANK={config.DtRank}", $"TAPS={config.DConv}", $"THREADS={shape.Threads}", $"GROUPS={shape.Groups}",
                ]));
        context.LaunchOverlapping(kernel, (8L * Blocks(g.Rows, 8), 1, 1), shape.Threads, g);
    }

    /// <summary>A kernel of product.cu.</summary>
    public nint Product(params IReadOnlyList<string> macros) => context.Function("product", "product", [Storage, Residual, .. macros]);
}
