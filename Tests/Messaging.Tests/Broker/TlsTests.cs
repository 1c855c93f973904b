using MassTransit;
using Sweep.Contracts.Store;
using Sweep.Tests;
using Sweep.Tests.RabbitMq;
using Xunit;

namespace Sweep.Messaging.Tests.Broker;

public sealed class TlsTests(RabbitMqFixture broker)
{
    [Fact]
    public async Task Tls_WithTheBrokersAuthority_Connects()
    {
        var address = await broker.AddressAsync();
        var (port, authority) = await broker.TlsAsync();
        await using var system = await MessagingSystem.StartAsync(messaging =>
        {
            MessagingSystem.At(address)(messaging);
            (messaging.Host, messaging.Port, messaging.Tls, messaging.TlsAuthority) = ("localhost", port, true, authority);
        });

        await system.Bus.Publish(new Contracts.Messages.SubmitSweep { PlanText = PlanTexts.Yaml("encrypted") }, TestContext.Current.CancellationToken);
        await system.StateAsync(PlanTexts.SweepId("encrypted"), SweepState.Completed);
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("another-name", true)]
    public async Task Tls_WithAnAuthorityOrANameThatDoesNotFit_DoesNotConnect(string serverName, bool rightAuthority)
    {
        var address = await broker.AddressAsync();
        var (port, authority) = await broker.TlsAsync();
        using var folder = new TemporaryFolder();
        await using var system = await MessagingSystem.StartAsync(
            messaging =>
            {
                MessagingSystem.At(address)(messaging);
                (messaging.Host, messaging.Port, messaging.Tls, messaging.TlsServerName) = ("localhost", port, true, serverName);
                messaging.TlsAuthority = rightAuthority ? authority : BrokerCertificates.Create(folder.Path).Authority;
            },
            waitForBus: false);

        // A command waits for a connection that there will not be.
        using var giveUp = new CancellationTokenSource();
        var publishing = system.Bus.Publish(new Contracts.Messages.SubmitSweep { PlanText = PlanTexts.Yaml("refused") }, giveUp.Token);
        await system.UntilAsync("a certificate to be refused", () => Task.FromResult(Failure(system.Bus.CheckHealth()).Contains("certificate", StringComparison.OrdinalIgnoreCase)));
        Assert.False(publishing.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    private static string Failure(BusHealthResult health) =>
        string.Join(' ', health.Endpoints.Values.Select(endpoint => endpoint.Description).Append(health.Description).Append(health.Exception?.ToString()));
}
