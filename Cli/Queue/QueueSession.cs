using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Messaging.Client;

namespace Sweep.Cli.Queue;

/// <summary>A connection to the broker that the environment names (Sweep__Messaging__Host and so on).</summary>
internal sealed class QueueSession : IAsyncDisposable
{
    private QueueSession(SweepQueueClient client, string broker) => (Client, Broker) = (client, broker);

    public SweepQueueClient Client { get; }

    /// <summary>What messages call it.</summary>
    public string Broker { get; }

    public static async Task<QueueSession> ConnectAsync(bool listens, CancellationToken cancellationToken)
    {
        var options = MessagingOptions.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        options.Transport = "rabbitmq";
        try
        {
            return new QueueSession(await SweepQueueClient.StartAsync(options, listens, cancellationToken), options.Place);
        }
        catch (OptionsValidationException exception)
        {
            throw new WrongInputException(string.Join('\n', exception.Failures));
        }
    }

    /// <summary>Puts the command into its queue. False, and said on standard error, when the broker confirmed nothing in this time.</summary>
    public async Task<bool> SendAsync<T>(T command, int seconds, string nothingDone, CancellationToken cancellationToken)
        where T : class
    {
        if (await Client.SendAsync(command, Guid.CreateVersion7().ToString(), TimeSpan.FromSeconds(seconds), cancellationToken))
            return true;
        await Console.Error.WriteLineAsync($"sweep: RabbitMQ at {Broker} confirmed nothing within {seconds} s: {nothingDone}");
        return false;
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
