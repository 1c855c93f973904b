using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using TorchSharp;

namespace Sweep.Models.Checkpoints;

/// <summary>A safetensors file, memory-mapped and checked before anything of its data is read.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private readonly Dictionary<string, TensorEntry> _tensors;
    private bool _disposed;

    private SafetensorsFile(
        string path, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* data, Dictionary<string, TensorEntry> tensors, Dictionary<string, string> metadata)
    {
        Path = path;
        _file = file;
        _view = view;
        _data = data;
        _tensors = tensors;
        Metadata = metadata;
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, TensorEntry> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="InvalidCheckpointException">The file is missing or breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileInfo info = new(path);
        if (!info.Exists)
            throw SafetensorsHeader.Broken(path, "file", "none", "a safetensors file");
        if (info.Length < 8)
            throw SafetensorsHeader.Broken(path, "file", $"{info.Length} bytes", "at least 8");

        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        byte* start = null;
        try
        {
            var length = info.Length;
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start, 8));
            var limit = Math.Min(SafetensorsHeader.MaxLength, length - 8);
            if (headerLength > (ulong)limit)
                throw SafetensorsHeader.Broken(path, "header length", $"{headerLength}", $"at most {limit}");
            var json = new ReadOnlySpan<byte>(start + 8, (int)headerLength);
            var (tensors, metadata) = SafetensorsHeader.Parse(path, json, length - 8 - (long)headerLength);
            return new SafetensorsFile(path, file, view, start + 8 + headerLength, tensors, metadata);
        }
        catch (Exception exception)
        {
            if (start is not null)
                view!.SafeMemoryMappedViewHandle.ReleasePointer();
            view?.Dispose();
            file?.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
                throw new InvalidCheckpointException($"{path}: found a file that cannot be read ({exception.Message})", exception);
            throw;
        }
    }

    /// <summary>A copy of a tensor in its own dtype, on the CPU.</summary>
    public torch.Tensor ReadTensor(string name)
    {
        var entry = _tensors[name];
        var tensor = torch.empty([.. entry.Shape], SafetensorsDtype.TypeOf(entry.Dtype));
        if (entry.End > entry.Begin)
            Read(name).CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>A tensor's bytes; valid until the file is disposed. At most 2 GB.</summary>
    public ReadOnlySpan<byte> Read(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var entry = _tensors[name];
        if (entry.End - entry.Begin > int.MaxValue)
            throw SafetensorsHeader.Broken(Path, $"tensor '{name}'", $"{entry.End - entry.Begin} bytes", $"at most {int.MaxValue} in one tensor");
        return new ReadOnlySpan<byte>(_data + entry.Begin, (int)(entry.End - entry.Begin));
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
