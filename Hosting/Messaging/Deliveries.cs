using MassTransit;
using MassTransit.Serialization;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging;

/// <summary>What a delivery says of itself beside its message, whether it came in MassTransit's envelope or as bare JSON.</summary>
internal static class Deliveries
{
    private const int LongestId = 200;

    /// <summary>MassTransit sends to the request's reply_to what is sent here.</summary>
    private static readonly Uri ReplyTo = new("exchange:amq.rabbitmq.reply-to");

    /// <summary>
    /// The delivery as the inbox knows it. Senders of bare JSON choose any text as message id; one that gives none gets an id that is new with every delivery.
    /// </summary>
    public static InboxMessage Of<T>(ConsumeContext<T> context)
        where T : class
    {
        var id = context.MessageId?.ToString() ?? context.ReceiveContext.TransportHeaders.Get<string>(nameof(MessageHeaders.MessageId));
        return new InboxMessage(id is { Length: > 0 and <= LongestId } ? id : NewId.NextGuid().ToString(), MessageNames.Of<T>());
    }

    /// <summary>Somebody waits for an answer.</summary>
    public static bool WantsAnswer(this ConsumeContext context) => context.ResponseAddress is not null || AskedBy(context) is not null;

    /// <summary>Sends the answer to whoever asks for one: by MassTransit's response address, else by AMQP's reply_to as bare JSON with the same correlation_id. Nobody asks: nothing is sent.</summary>
    public static async Task AnswerAsync<T>(this ConsumeContext context, T answer)
        where T : class
    {
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(answer);
            return;
        }

        if (AskedBy(context) is not { } request)
            return;
        var endpoint = await context.ReceiveContext.SendEndpointProvider.GetSendEndpoint(ReplyTo);
        await endpoint.Send(
            answer,
            Pipe.Execute<SendContext<T>>(reply =>
            {
                reply.Serializer = new SystemTextJsonRawMessageSerializer(RawSerializerOptions.AddTransportHeaders);
                if (reply.TryGetPayload<RabbitMqSendContext>(out var amqp))
                    amqp.BasicProperties.CorrelationId = request.Properties.CorrelationId;
            }),
            context.CancellationToken);
    }

    private static RabbitMqBasicConsumeContext? AskedBy(ConsumeContext context) =>
        context.TryGetPayload<RabbitMqBasicConsumeContext>(out var request) && request.Properties.ReplyTo is { Length: > 0 } ? request : null;
}
