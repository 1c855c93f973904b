namespace Sweep.Models.Cuda;

/// <summary>What our kernels need of NVIDIA's toolkit beside the driver and libtorch: the run-time compiler and cuBLASLt.</summary>
public static class CudaToolkit
{
    /// <summary>What is missing and where it was looked for, in one line; null: nothing.</summary>
    public static string? Problem()
    {
        try
        {
            _ = Nvrtc.Version();
            _ = CublasLt.Api;
            return null;
        }
        catch (CudaException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>The run-time compiler's version, such as "13.0".</summary>
    /// <exception cref="CudaException">It is not there.</exception>
    public static string CompilerVersion() => Nvrtc.Version();
}
