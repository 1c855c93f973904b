using MassTransit;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Consumers;

/// <summary>
/// How a command's queue is worked on: its own queue, so that bare JSON needs no type; bounded concurrency; patience with a store that is away; a few tries for what else fails, then
/// the queue's error queue and a Fault of the command.
/// </summary>
internal abstract class CommandDefinition<TConsumer, TCommand> : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer<TCommand>
    where TCommand : class
{
    private const int Tries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly MessagingOptions _options;

    protected CommandDefinition(IOptions<MessagingOptions> options)
    {
        _options = options.Value;
        EndpointName = EntityNames.Queue<TCommand>();
        ConcurrentMessageLimit = _options.Concurrency;
    }

    protected override void ConfigureConsumer(IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = 2 * _options.Concurrency;

        // No content type counts as bare JSON too: that is what AMQP clients send when they are told nothing.
        endpointConfigurator.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Handle<StoreUnavailableException>();
            retry.Intervals([.. Pauses(TimeSpan.FromSeconds(_options.StorePatienceSeconds))]);
        });
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Ignore<StoreUnavailableException>();
            retry.Interval(Tries, FirstPause);
        });
    }

    /// <summary>Doubling up to the longest, until the patience is used up.</summary>
    private static IEnumerable<TimeSpan> Pauses(TimeSpan patience)
    {
        var waited = TimeSpan.Zero;
        for (var pause = FirstPause; waited < patience; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            yield return pause;
            waited += pause;
        }
    }
}
