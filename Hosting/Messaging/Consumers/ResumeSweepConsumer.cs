using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Consumers;

internal sealed class ResumeSweepConsumer(StateChanges changes) : IConsumer<ResumeSweep>
{
    public Task Consume(ConsumeContext<ResumeSweep> context) => changes.HandleAsync(context, context.Message.SweepId, SweepTransition.Resume);
}

internal sealed class ResumeSweepDefinition(IOptions<MessagingOptions> options) : CommandDefinition<ResumeSweepConsumer, ResumeSweep>(options);
