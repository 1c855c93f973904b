using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging.Consumers;

internal sealed class GetSweepStatusConsumer(Coordinators coordinators) : IConsumer<GetSweepStatus>
{
    public async Task Consume(ConsumeContext<GetSweepStatus> context) => await context.AnswerAsync(StatusReplies.Of(await coordinators.GetStatusAsync(context.Message.SweepId)));
}

internal sealed class GetSweepStatusDefinition(IOptions<MessagingOptions> options) : CommandDefinition<GetSweepStatusConsumer, GetSweepStatus>(options);
