using Sweep.Models.Mamba;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>Kernels of a step of few rows.</summary>
internal sealed partial class CudaKernels
{
    /// <summary>Beyond so many cuBLASLt's products and the scan of many rows are faster.</summary>
    private const int MostStepRows = 192;

    /// <summary>Whether kernels of ours multiply matrices: of half dtypes, by instructions that devices have since capability 8.0.</summary>
    public bool MultipliesHalves => storage != ScalarType.Float32 && context.Major >= 8;

    /// <summary>Channels of a block of mixer.cu; null: its kernels do not fit these sizes, this dtype or this device.</summary>
    public int? MixerShape(MambaConfig config)
    {
        if (!MultipliesHalves || config.DState != 16 || config.DInner % 256 != 0 || config.DtRank % 16 != 0 || config.DtRank > 128)
            return null;
        // Sixteen blocks for eight rows: as many as there are multiprocessors for a usual batch.
        foreach (var channels in (int[])[128, 96, 64, 48, 32])
        {
            if (config.DInner % channels == 0 && config.DInner / channels >= 16)
                return channels;
        }

        return 16;
    }

    /// <summary>Whether so many rows of so many tokens go through mixer.cu and <see cref="StepProducts"/>, if all else fits: seen or not, for the sake of their bits.</summary>
    public static bool AreFew(long rows, long length) => length == 1 && rows <= MostStepRows;

    /// <summary>A kernel of mixer.cu, where <see cref="MixerShape"/> says that it fits.</summary>
    public void Mixer(string name, in MixerArguments g, MambaConfig config)
    {
        if (g.Rows == 0)
            return;
        var channels = MixerShape(config) ?? throw new InvalidOperationException($"{name} does not fit these sizes, this dtype or this device");
        var kernel = Find(name, config.DInner, config.DtRank, config.DConv, 0)
            ?? Keep(name, config.DInner, config.DtRank, config.DConv, 0, context.Function(
                "mixer", name,
                [
                    Storage, Residual, $"WIDTH={config.DInner}", $"OUTPUTS={config.DtRank + 32}", $"RANK={config.DtRank}", $"TAPS={config.DConv}", $"CHANNELS={channels}", $"THREADS={2 * channels}",
                ]));
        context.LaunchOverlapping(kernel, (config.DInner / channels, Blocks(g.Rows, 8), 1), 2 * channels, g);
    }

    /// <summary>A kernel of product.cu.</summary>
    public nint Product(params IReadOnlyList<string> macros) => context.Function("product", "product", [Storage, Residual, .. macros]);
}
