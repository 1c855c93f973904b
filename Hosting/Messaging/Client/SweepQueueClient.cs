using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Messages;
using Sweep.Contracts.Store;

namespace Sweep.Hosting.Messaging.Client;

/// <summary>Sends commands and hears events from any machine that reaches the broker.</summary>
public sealed class SweepQueueClient : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private readonly IHost _host;

    private SweepQueueClient(IHost host) => _host = host;

    /// <summary>Begins to connect; a broker that is away is tried for until it is there.</summary>
    /// <param name="options">The broker.</param>
    /// <param name="listens">Events are wanted; else only commands and their answers.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static async Task<SweepQueueClient> StartAsync(MessagingOptions options, bool listens, CancellationToken cancellationToken)
    {
        var problems = options.Problems().ToArray();
        if (problems.Length > 0)
            throw new OptionsValidationException(nameof(MessagingOptions), typeof(MessagingOptions), problems);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(Channel.CreateUnbounded<SweepProgressed?>());
        builder.Services.AddSweepBus(builder.Logging, options, bus =>
        {
            if (listens)
                bus.AddConsumer<ProgressListener>().Endpoint(endpoint => endpoint.Temporary = true);
        });
        // A broker that is away is the caller's to report.
        builder.Logging.AddFilter("MassTransit", LogLevel.None);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new SweepQueueClient(host);
    }

    /// <summary>
    /// Puts the command into its queue, again and again under the same message id until the broker confirms it: it is carried out once.
    /// </summary>
    /// <returns>False: the broker has confirmed nothing in this time.</returns>
    public async Task<bool> SendAsync<T>(T command, string messageId, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        var id = Guid.Parse(messageId, CultureInfo.InvariantCulture);
        while (!patience.IsCancellationRequested)
        {
            try
            {
                var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{EntityNames.Queue<T>()}"));
                await endpoint.Send(command, Pipe.Execute<SendContext<T>>(context => context.MessageId = id), patience.Token);
                return true;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }

    /// <summary>How the sweep is; null: nobody answered in this time.</summary>
    public async Task<SweepStatusReply?> AskAsync(string sweepId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(timeout);
            var requests = Bus.CreateRequestClient<GetSweepStatus>(new Uri($"queue:{EntityNames.Queue<GetSweepStatus>()}"), timeout);
            return (await requests.GetResponse<SweepStatusReply>(new GetSweepStatus { SweepId = sweepId }, patience.Token)).Message;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>
    /// The sweep's status now and whenever it changes, until it has ended. Events tell of changes; where none comes for a while, or the broker was away, the silos are asked.
    /// </summary>
    /// <exception cref="TimeoutException">Nobody answered the first question in this time.</exception>
    public async IAsyncEnumerable<SweepStatusReply> WatchAsync(string sweepId, TimeSpan timeout, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = _host.Services.GetRequiredService<Channel<SweepProgressed?>>().Reader;
        var status = await AskAsync(sweepId, timeout, cancellationToken) ?? throw new TimeoutException($"no silo answered within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
        yield return status;
        while (status.Found && !SweepStates.IsFinal(status.State))
        {
            var next = await NextAsync(events, sweepId, cancellationToken) ?? await AskAsync(sweepId, Quiet, cancellationToken);
            if (next is null || next == status)
                continue;
            yield return status = next;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private IBus Bus => _host.Services.GetRequiredService<IBus>();

    /// <summary>Null: ask.</summary>
    private static async Task<SweepStatusReply?> NextAsync(ChannelReader<SweepProgressed?> events, string sweepId, CancellationToken cancellationToken)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(Quiet);
        try
        {
            while (true)
            {
                var heard = await events.ReadAsync(quiet.Token);
                if (heard is null || heard.SweepId == sweepId)
                    return heard is null ? null : StatusReplies.Of(heard);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Passes progress on; the end of a sweep, whose last counts may not have been told, is a reason to ask.</summary>
    private sealed class ProgressListener(Channel<SweepProgressed?> heard) : IConsumer<SweepProgressed>, IConsumer<SweepCompleted>
    {
        public Task Consume(ConsumeContext<SweepProgressed> context) => heard.Writer.WriteAsync(context.Message, context.CancellationToken).AsTask();

        public Task Consume(ConsumeContext<SweepCompleted> context) => heard.Writer.WriteAsync(null, context.CancellationToken).AsTask();
    }
}
