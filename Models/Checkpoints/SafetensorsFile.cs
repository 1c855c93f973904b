using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Sweep.Models.Checkpoints;

/// <summary>
/// A memory-mapped safetensors file. Opening checks the whole header against the file's size; afterwards every tensor is known to lie inside
/// the data. Reading is thread-safe; the file must not shrink while it is open.
/// </summary>
public sealed unsafe partial class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafetensorsHeader _header;
    private readonly byte* _data;
    private bool _disposed;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, byte* start, long length)
    {
        (Path, _map, _view) = (path, map, view);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new(start, LengthBytes));
        if (headerLength > SafetensorsHeader.MaxLength)
            throw new InvalidCheckpointException($"{path}: found a header length of {headerLength}, expected at most {SafetensorsHeader.MaxLength}");
        if (headerLength > (ulong)(length - LengthBytes))
            throw new InvalidCheckpointException($"{path}: found a header length of {headerLength}, expected at most {length - LengthBytes}, what the file has after it");
        _header = SafetensorsHeader.Parse(path, new(start + LengthBytes, (int)headerLength), length - LengthBytes - (long)headerLength);
        _data = start + LengthBytes + headerLength;
    }

    /// <summary>Path as given.</summary>
    public string Path { get; }

    /// <summary>Every tensor by its name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Tensors => _header.Entries;

    /// <summary>The header's __metadata__; empty when absent.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="InvalidCheckpointException">The file cannot be opened, or the format forbids what it holds.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream? stream = null;
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        byte* start = null;
        try
        {
            stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var length = stream.Length;
            if (length < LengthBytes)
                throw new InvalidCheckpointException($"{path}: found {length} bytes, expected a safetensors file, which has at least {LengthBytes}");
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new(path, map, view, start + view.PointerOffset, length);
        }
        catch (Exception failure)
        {
            if (start is not null)
                view!.SafeMemoryMappedViewHandle.ReleasePointer();
            view?.Dispose();
            map?.Dispose();
            stream?.Dispose();
            if (failure is IOException or UnauthorizedAccessException)
                throw new InvalidCheckpointException($"{path}: cannot be read: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>A tensor's bytes in the file, little-endian, at most 2 GiB; valid until the file is disposed.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <param name="start">First byte, within the tensor.</param>
    /// <param name="length">Bytes; null: all up to the end.</param>
    public ReadOnlySpan<byte> Bytes(string name, long start = 0, int? length = null)
    {
        var entry = Find(name);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.ByteLength);
        var count = length ?? checked((int)(entry.ByteLength - start));
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, entry.ByteLength - start, nameof(length));
        return new(_data + entry.Begin + start, count);
    }

    /// <summary>Copies a tensor out of the file, in its own dtype or converted to the one wanted; the caller owns it.</summary>
    /// <exception cref="InvalidCheckpointException">No such tensor, or a BOOL that is neither 0 nor 1.</exception>
    public Tensor ReadTensor(string name, ScalarType? dtype = null, Device? device = null)
    {
        var entry = Find(name);
        if (entry.Dtype == SafetensorsDtype.Bool)
            CheckBooleans(entry);
        var copy = empty([.. entry.Shape], entry.Dtype.ToTorch(), CPU);
        if (entry.ByteLength > 0)
            Buffer.MemoryCopy(_data + entry.Begin, (void*)THSTensor_data(copy.Handle), entry.ByteLength, entry.ByteLength);
        var wanted = dtype ?? copy.dtype;
        if (wanted == copy.dtype && (device is null || device.type == TorchSharp.DeviceType.CPU))
            return copy;
        var converted = copy.to(wanted, device ?? CPU);
        copy.Dispose();
        return converted;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    private SafetensorsEntry Find(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Tensors.TryGetValue(name, out var entry) ? entry : throw new InvalidCheckpointException($"{Path}: tensor '{name}' is missing");
    }

    private void CheckBooleans(SafetensorsEntry entry)
    {
        for (long at = 0; at < entry.ByteLength; at++)
        {
            var value = _data[entry.Begin + at];
            if (value > 1)
                throw new InvalidCheckpointException($"{Path}: tensor '{entry.Name}': found byte {value} at element {at} of a BOOL, expected 0 or 1");
        }
    }

    // A new tensor is contiguous, so its elements lie at this address in order, whatever their dtype.
    [LibraryImport("LibTorchSharp")]
    private static partial IntPtr THSTensor_data(IntPtr handle);
}
