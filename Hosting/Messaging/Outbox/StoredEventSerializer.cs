using System.Net.Mime;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;

namespace Sweep.Hosting.Messaging.Outbox;

/// <summary>Writes an event as the outbox holds it, so that a member that only a newer silo knows is not lost when this one sends it.</summary>
internal sealed class StoredEventSerializer(JsonElement stored) : IMessageSerializer
{
    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => new SystemTextJsonMessageBody<T>(context, SystemTextJsonMessageSerializer.Options, new JsonMessageEnvelope(context, stored));
}
