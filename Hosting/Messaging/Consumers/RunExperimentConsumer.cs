using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Hosting.Messaging.Templates;

namespace Sweep.Hosting.Messaging.Consumers;

internal sealed class RunExperimentConsumer(Submissions submissions, TemplateFolder templates) : IConsumer<RunExperiment>
{
    public Task Consume(ConsumeContext<RunExperiment> context) => submissions.HandleAsync(context, context.Message.Key, () => SubmissionReader.Read(context.Message, templates.Read));
}

internal sealed class RunExperimentDefinition(IOptions<MessagingOptions> options) : CommandDefinition<RunExperimentConsumer, RunExperiment>(options);
