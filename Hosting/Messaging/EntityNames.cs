using MassTransit;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging;

/// <summary>
/// Names at the broker: an exchange a message, an exchange a message's faults, a queue a command. They are part of the contract with senders in other languages, so they come from
/// the messages' names and not from what C# calls things.
/// </summary>
internal sealed class EntityNames(IEntityNameFormatter others) : IEntityNameFormatter
{
    public static string Queue<TCommand>() => $"sweep.{MessageNames.Of<TCommand>()}";

    public static string Exchange(Type message) => $"sweep.messages.{MessageNames.Of(message)}";

    public string FormatEntityName<T>()
    {
        if (MessageNames.IsKnown(typeof(T)))
            return Exchange(typeof(T));
        return typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(Fault<>) && MessageNames.IsKnown(typeof(T).GetGenericArguments()[0])
            ? $"sweep.faults.{MessageNames.Of(typeof(T).GetGenericArguments()[0])}"
            : others.FormatEntityName<T>();
    }
}
