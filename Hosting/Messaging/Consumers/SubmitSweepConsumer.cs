using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;

namespace Sweep.Hosting.Messaging.Consumers;

internal sealed class SubmitSweepConsumer(Submissions submissions) : IConsumer<SubmitSweep>
{
    public Task Consume(ConsumeContext<SubmitSweep> context) => submissions.HandleAsync(context, context.Message.Key, () => SubmissionReader.Read(context.Message));
}

internal sealed class SubmitSweepDefinition(IOptions<MessagingOptions> options) : CommandDefinition<SubmitSweepConsumer, SubmitSweep>(options);
