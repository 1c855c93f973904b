using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sweep.Models.Kernels;

/// <summary>
/// libtorch's OpenMP threads spin after each operation while they wait for the next; our own kernels run between two of them, on the same cores. Waiting
/// passively made a generation four times as fast on two cores. OpenMP reads the variable when it is loaded, so it is set before torch is; a user's value stays.
/// </summary>
internal static partial class OpenMpWaiting
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must run before the native library is loaded, whoever loads it.")]
    internal static void Choose()
    {
        // .NET's own environment is a copy that native code does not see.
        if (!OperatingSystem.IsWindows())
            _ = SetVariable("OMP_WAIT_POLICY", "passive", 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
