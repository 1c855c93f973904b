using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Consumers;

internal sealed class CancelSweepConsumer(StateChanges changes) : IConsumer<CancelSweep>
{
    public Task Consume(ConsumeContext<CancelSweep> context) => changes.HandleAsync(context, context.Message.SweepId, SweepTransition.Cancel);
}

internal sealed class CancelSweepDefinition(IOptions<MessagingOptions> options) : CommandDefinition<CancelSweepConsumer, CancelSweep>(options);
