using System.Reflection;
using Sweep.Contracts.Store;

namespace Sweep.Messaging.Tests.Broker;

/// <summary>A store whose calls a test may let fail.</summary>
public class StoreTap : DispatchProxy
{
    private ISweepStore _store = null!;

    /// <summary>Gets a method's name and its arguments; what it returns is thrown in place of the call.</summary>
    public Func<string, object?[], Exception?> Failure { get; set; } = (_, _) => null;

    public static (ISweepStore Store, StoreTap Tap) To(ISweepStore store)
    {
        var proxy = Create<ISweepStore, StoreTap>();
        var tap = (StoreTap)(object)proxy;
        tap._store = store;
        return (proxy, tap);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Failure(targetMethod!.Name, args ?? []) is { } failure ? throw failure : targetMethod.Invoke(_store, args);
}
