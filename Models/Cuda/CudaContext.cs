using System.Collections.Concurrent;
using System.Reflection;

namespace Sweep.Models.Cuda;

/// <summary>One CUDA device's primary context, its kernels, and the stream that launches go to: torch's (0), except while a graph is captured.</summary>
internal sealed unsafe class CudaContext
{
    private static readonly ConcurrentDictionary<int, Lazy<CudaContext>> Known = new();
    private readonly nint _handle;
    private readonly bool _overlaps;
    private readonly Dictionary<(string Source, string Options), nint> _modules = [];
    private readonly Dictionary<(nint Module, string Name), nint> _functions = [];

    private CudaContext(int ordinal)
    {
        CudaDriverApi.Check(CudaDriverApi.Init(0), "cuInit");
        CudaDriverApi.Check(CudaDriverApi.DeviceGet(out var device, ordinal), "cuDeviceGet");
        CudaDriverApi.Check(CudaDriverApi.DeviceGetAttribute(out var major, CudaDriverApi.ComputeCapabilityMajor, device), "cuDeviceGetAttribute");
        CudaDriverApi.Check(CudaDriverApi.DeviceGetAttribute(out var minor, CudaDriverApi.ComputeCapabilityMinor, device), "cuDeviceGetAttribute");
        CudaDriverApi.Check(CudaDriverApi.DeviceGetAttribute(out var multiprocessors, CudaDriverApi.MultiprocessorCount, device), "cuDeviceGetAttribute");
        CudaDriverApi.Check(CudaDriverApi.PrimaryContextRetain(out _handle, device), "cuDevicePrimaryCtxRetain");
        CudaDriverApi.Check(CudaDriverApi.DriverVersion(out var driver), "cuDriverGetVersion");
        (Architecture, Major, Multiprocessors) = ($"sm_{major}{minor}", major, multiprocessors);
        // Graphs know of such launches since CUDA 12.3.
        _overlaps = major >= 9 && driver >= 12_030;
    }

    /// <summary>Such as "sm_90".</summary>
    public string Architecture { get; }

    /// <summary>Of the compute capability.</summary>
    public int Major { get; }

    public int Multiprocessors { get; }

    /// <summary>Where launches go.</summary>
    public nint Stream { get; set; }

    /// <summary>While a graph is captured: kernels that know how (<see cref="LaunchOverlapping"/>) may begin while the one before is at work.</summary>
    public bool IsOverlapping { get; set; }

    /// <exception cref="CudaException">The driver does not have it.</exception>
    public static CudaContext Of(int ordinal) => Known.GetOrAdd(ordinal, number => new(() => new(number))).Value;

    /// <summary>Makes the context this thread's.</summary>
    public void Enter() => CudaDriverApi.Check(CudaDriverApi.ContextSetCurrent(_handle), "cuCtxSetCurrent");

    /// <summary>A kernel of an embedded source, compiled with these macros.</summary>
    public nint Function(string source, string name, params IReadOnlyList<string> macros)
    {
        lock (_modules)
        {
            var options = string.Join(' ', macros);
            if (!_modules.TryGetValue((source, options), out var module))
                _modules[(source, options)] = module = Load(source, macros);
            if (_functions.TryGetValue((module, name), out var function))
                return function;
            Enter();
            CudaDriverApi.Check(CudaDriverApi.ModuleGetFunction(out function, module, name), $"cuModuleGetFunction({name})");
            return _functions[(module, name)] = function;
        }
    }

    /// <summary>Starts a kernel whose arguments are one struct.</summary>
    public void Launch<T>(nint function, (long X, int Y, int Z) grid, int threads, in T arguments, int sharedBytes = 0)
        where T : unmanaged
    {
        fixed (T* at = &arguments)
        {
            void* only = at;
            Launch(function, grid, threads, &only, sharedBytes);
        }
    }

    /// <summary>Starts a kernel whose arguments are a struct and a number.</summary>
    public void Launch<T>(nint function, (long X, int Y, int Z) grid, int threads, in T arguments, int number, int sharedBytes)
        where T : unmanaged
    {
        fixed (T* at = &arguments)
        {
            var both = stackalloc void*[2];
            both[0] = at;
            both[1] = &number;
            Launch(function, grid, threads, both, sharedBytes);
        }
    }

    /// <summary>Starts a kernel whose arguments are one struct and that calls LetNextBegin and AwaitPrevious of prelude.cu.</summary>
    public void LaunchOverlapping<T>(nint function, (long X, int Y, int Z) grid, int threads, in T arguments)
        where T : unmanaged
    {
        if (!IsOverlapping || !_overlaps)
        {
            Launch(function, grid, threads, arguments);
            return;
        }

        var attribute = new CudaDriverApi.LaunchAttribute { Id = CudaDriverApi.ProgrammaticSerialization, Value = 1 };
        var configuration = new CudaDriverApi.LaunchConfiguration
        {
            GridX = (uint)grid.X,
            GridY = (uint)grid.Y,
            GridZ = (uint)grid.Z,
            BlockX = (uint)threads,
            BlockY = 1,
            BlockZ = 1,
            Stream = Stream,
            Attributes = &attribute,
            AttributeCount = 1,
        };
        fixed (T* at = &arguments)
        {
            void* only = at;
            CudaDriverApi.Check(CudaDriverApi.LaunchKernel(configuration, function, &only, null), "cuLaunchKernelEx");
        }
    }

    internal static string Source(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Sweep.Models.Cuda.{name}.cu") ?? throw new InvalidOperationException($"no kernel source {name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private void Launch(nint function, (long X, int Y, int Z) grid, int threads, void** arguments, int sharedBytes) =>
        CudaDriverApi.Check(
            CudaDriverApi.LaunchKernel(function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)threads, 1, 1, (uint)sharedBytes, Stream, arguments, null), "cuLaunchKernel");

    private nint Load(string name, IReadOnlyList<string> macros)
    {
        var source = Source("prelude") + Source(name);
        string[] options = [$"--gpu-architecture={Architecture}", "--std=c++17", .. macros.Select(macro => $"-D{macro}")];
        var code = KernelCache.Default.Get(name, source, options, Nvrtc.Version(), () => Nvrtc.Compile($"{name}.cu", source, options));
        Enter();
        fixed (byte* image = code)
        {
            CudaDriverApi.Check(CudaDriverApi.ModuleLoadData(out var module, image), $"cuModuleLoadData({name})");
            return module;
        }
    }
}
