using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Consumers;

internal sealed class PauseSweepConsumer(StateChanges changes) : IConsumer<PauseSweep>
{
    public Task Consume(ConsumeContext<PauseSweep> context) => changes.HandleAsync(context, context.Message.SweepId, SweepTransition.Pause);
}

internal sealed class PauseSweepDefinition(IOptions<MessagingOptions> options) : CommandDefinition<PauseSweepConsumer, PauseSweep>(options);
