using Sweep.Hosting.Messaging.Local;
using Xunit;

namespace Sweep.Tests.RabbitMq;

/// <summary>
/// One RabbitMQ for all tests of an assembly (<c>[assembly: AssemblyFixture(typeof(RabbitMqFixture))]</c>), started when the first one asks: $SWEEP_TEST_RABBITMQ
/// (amqp://user:password@host:port/vhost), else a container where Docker answers, else this machine's own programs. Without any of them a test is skipped, and fails where CI=true.
/// </summary>
public sealed class RabbitMqFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly TemporaryFolder _folder = new();
    private Uri? _address;
    private string? _missing;
    private LocalRabbitMq? _local;
    private LocalRabbitMqCertificates? _certificates;
    private RabbitMqContainer? _container;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Where it is, with user and password.</summary>
    public async Task<Uri> AddressAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_address is null && _missing is null)
                await FindAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            _starting.Release();
        }

        if (_address is not null)
            return _address;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(_missing!);
        Assert.Skip(_missing!);
        throw new InvalidOperationException("unreachable");
    }

    /// <summary>Port of its TLS listener and the file of the authority that signed its certificate; a test that needs one skips where there is none.</summary>
    public async Task<(int Port, string Authority)> TlsAsync()
    {
        await AddressAsync();
        if (_local is null)
            Assert.Skip("only a broker that the test starts by itself has a TLS listener");
        return (_local.TlsPort, _certificates!.Authority);
    }

    /// <summary>Like kill -9.</summary>
    public async Task KillAsync()
    {
        await AddressAsync();
        if (_local is not null)
            await _local.KillAsync();
        else if (_container is not null)
            await _container.KillAsync();
        else
            Assert.Skip("SWEEP_TEST_RABBITMQ names a broker that is not the test's to kill");
    }

    public Task StartAgainAsync(CancellationToken cancellationToken) =>
        _local?.StartAgainAsync(cancellationToken) ?? _container?.StartAgainAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_local is not null)
            await _local.DisposeAsync();
        if (_container is not null)
            await _container.DisposeAsync();
        _folder.Dispose();
        _starting.Dispose();
    }

    private async Task FindAsync(CancellationToken cancellationToken)
    {
        var output = TestContext.Current.TestOutputHelper;
        if (Environment.GetEnvironmentVariable("SWEEP_TEST_RABBITMQ") is { Length: > 0 } given)
        {
            _address = new Uri(given);
            output?.WriteLine("RabbitMQ: $SWEEP_TEST_RABBITMQ");
        }
        else if ((_container = await RabbitMqContainer.TryStartAsync(cancellationToken)) is not null)
        {
            _address = Guest(_container.Port);
            output?.WriteLine("RabbitMQ: a container");
        }
        else
        {
            try
            {
                _certificates = BrokerCertificates.Create(_folder.Path);
                _local = await LocalRabbitMq.StartAsync(new LocalRabbitMqOptions { Certificates = _certificates }, cancellationToken);
                _address = Guest(_local.Port);
                output?.WriteLine("RabbitMQ: this machine's own programs");
            }
            catch (LocalRabbitMqException exception)
            {
                _missing = $"{exception.Message}; or set SWEEP_TEST_RABBITMQ, or start Docker";
            }
        }
    }

    private static Uri Guest(int port) => new($"amqp://guest:guest@127.0.0.1:{port}/");
}
