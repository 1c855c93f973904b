using System.Text;

namespace Sweep.Models.Cuda;

/// <summary>NVIDIA's run-time compiler: CUDA C++ in, machine code of one architecture out.</summary>
internal static unsafe class Nvrtc
{
    private static readonly string[] Files = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"];
    private static readonly Lazy<Calls> Functions = new(() => new Calls(CudaLibrary.Load("NVRTC", Files)));

    /// <summary>Its version as "13.0".</summary>
    /// <exception cref="CudaException">It is not there.</exception>
    public static string Version()
    {
        int major, minor;
        Check(Functions.Value.Version(&major, &minor), "nvrtcVersion");
        return $"{major}.{minor}";
    }

    /// <exception cref="CudaException">It is not there, or the source does not compile: the message is the compiler's.</exception>
    public static byte[] Compile(string name, string source, IReadOnlyList<string> options)
    {
        var calls = Functions.Value;
        nint program;
        fixed (byte* text = Terminated(source), file = Terminated(name))
            Check(calls.Create(&program, text, file, 0, null, null), "nvrtcCreateProgram");
        try
        {
            var texts = options.Select(Terminated).ToArray();
            var handles = texts.Select(text => System.Runtime.InteropServices.GCHandle.Alloc(text, System.Runtime.InteropServices.GCHandleType.Pinned)).ToArray();
            var pointers = handles.Select(handle => handle.AddrOfPinnedObject()).ToArray();
            int result;
            fixed (nint* at = pointers)
                result = calls.Compile(program, pointers.Length, (byte**)at);
            foreach (var handle in handles)
                handle.Free();
            if (result != 0)
                throw new CudaException($"{name}: NVRTC {Version()} does not compile it with {string.Join(' ', options)}: {Log(calls, program)}");
            nuint size;
            Check(calls.CodeSize(program, &size), "nvrtcGetCUBINSize");
            var code = new byte[size];
            fixed (byte* target = code)
                Check(calls.Code(program, target), "nvrtcGetCUBIN");
            return code;
        }
        finally
        {
            calls.Destroy(&program);
        }
    }

    private static string Log(Calls calls, nint program)
    {
        nuint size;
        if (calls.LogSize(program, &size) != 0 || size == 0)
            return "no log";
        var log = new byte[size];
        fixed (byte* target = log)
            calls.Log(program, target);
        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n', ' ');
    }

    private static byte[] Terminated(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw new CudaException($"{call}: error {result}");
    }

    private sealed class Calls(nint library)
    {
        public readonly delegate* unmanaged<int*, int*, int> Version = (delegate* unmanaged<int*, int*, int>)CudaLibrary.Function(library, "nvrtcVersion");
        public readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> Create =
            (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)CudaLibrary.Function(library, "nvrtcCreateProgram");
        public readonly delegate* unmanaged<nint, int, byte**, int> Compile = (delegate* unmanaged<nint, int, byte**, int>)CudaLibrary.Function(library, "nvrtcCompileProgram");
        public readonly delegate* unmanaged<nint, nuint*, int> CodeSize = (delegate* unmanaged<nint, nuint*, int>)CudaLibrary.Function(library, "nvrtcGetCUBINSize");
        public readonly delegate* unmanaged<nint, byte*, int> Code = (delegate* unmanaged<nint, byte*, int>)CudaLibrary.Function(library, "nvrtcGetCUBIN");
        public readonly delegate* unmanaged<nint, nuint*, int> LogSize = (delegate* unmanaged<nint, nuint*, int>)CudaLibrary.Function(library, "nvrtcGetProgramLogSize");
        public readonly delegate* unmanaged<nint, byte*, int> Log = (delegate* unmanaged<nint, byte*, int>)CudaLibrary.Function(library, "nvrtcGetProgramLog");
        public readonly delegate* unmanaged<nint*, int> Destroy = (delegate* unmanaged<nint*, int>)CudaLibrary.Function(library, "nvrtcDestroyProgram");
    }
}
