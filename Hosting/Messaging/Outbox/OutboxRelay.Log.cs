using Microsoft.Extensions.Logging;

namespace Sweep.Hosting.Messaging.Outbox;

internal sealed partial class OutboxRelay
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is away; events wait in the outbox")]
    private partial void LogBrokerAway();

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker is back; events are sent")]
    private partial void LogBrokerBack();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox cannot be read ({Reason}); trying again")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Kind} {MessageId} was not sent ({Reason}); trying again")]
    private partial void LogNotSent(string kind, string messageId, string reason);
}
