using System.Runtime.InteropServices;
using Sweep.Models.Kernels;
using static TorchSharp.torch;

namespace Sweep.Models.Cuda;

/// <summary>Numbers of the host that kernels read: spans and row lists. The last ones used are kept on the device, because every layer of a pass asks for the same.</summary>
internal sealed class DeviceTables(Device device) : IDisposable
{
    private const int Most = 16;
    private readonly List<(object Key, Tensor Values)> _kept = [];

    /// <summary>Starts, then ends; null: no row is padded.</summary>
    public Tensor? Spans(TokenSpans spans)
    {
        if (!spans.Start.ContainsAnyExcept(0) && !spans.End.ContainsAnyExcept(spans.Length))
            return null;
        return Find(key => ReferenceEquals(key, spans)) ?? Keep(spans, [.. spans.Start, .. spans.End]);
    }

    public Tensor Rows(IReadOnlyList<int> rows)
    {
        var list = rows as int[] ?? [.. rows];
        return Find(key => key is int[] other && other.AsSpan().SequenceEqual(list)) ?? Keep(list, list);
    }

    /// <summary>Bytes of structs and numbers as a tensor of the device.</summary>
    public Tensor Upload<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        using var host = empty([Math.Max(1, bytes.Length)], uint8);
        bytes.CopyTo(host.bytes);
        return host.to(device);
    }

    public void Dispose() => Clear();

    /// <summary>Nothing is kept any more; what is asked for later is uploaded again.</summary>
    public void Clear()
    {
        foreach (var (_, values) in _kept)
            values.Dispose();
        _kept.Clear();
    }

    private Tensor? Find(Func<object, bool> isIt)
    {
        var index = _kept.FindLastIndex(item => isIt(item.Key));
        if (index < 0)
            return null;
        var found = _kept[index];
        if (index < _kept.Count - 1)
        {
            _kept.RemoveAt(index);
            _kept.Add(found);
        }

        return found.Values;
    }

    private Tensor Keep(object key, int[] values)
    {
        if (_kept.Count == Most)
        {
            _kept[0].Values.Dispose();
            _kept.RemoveAt(0);
        }

        using var host = tensor(values.Length == 0 ? [0] : values, dtype: int32);
        var there = (values.Length == 0 ? host.narrow(0, 0, 0) : host).to(device).DetachFromDisposeScope();
        _kept.Add((key, there));
        return there;
    }
}
