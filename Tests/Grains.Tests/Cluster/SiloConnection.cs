using System.Reflection;
using Sweep.Contracts.Store;

namespace Sweep.Grains.Tests.Cluster;

/// <summary>One silo's way to the store, which a test can cut.</summary>
public class SiloConnection : DispatchProxy
{
    private ISweepStore _store = null!;
    private volatile bool _isCut;
    private int _refused;
    private int _underway;

    public bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    public static (ISweepStore Store, SiloConnection Connection) To(ISweepStore store)
    {
        var proxy = Create<ISweepStore, SiloConnection>();
        var connection = (SiloConnection)(object)proxy;
        connection._store = store;
        return (proxy, connection);
    }

    /// <summary>Calls that met a cut connection.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Calls that got through and have not come back.</summary>
    public int Underway => Volatile.Read(ref _underway);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Interlocked.Increment(ref _underway);
        try
        {
            if (!IsCut)
                return targetMethod!.Invoke(_store, args);
        }
        finally
        {
            Interlocked.Decrement(ref _underway);
        }

        Interlocked.Increment(ref _refused);
        throw new StoreUnavailableException("the connection is cut", new IOException());
    }
}
