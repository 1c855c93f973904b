using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Sweep.Hosting.Messaging;
using Sweep.Tests;
using Xunit;

namespace Sweep.Messaging.Tests;

public sealed class MessagingOptionsTests
{
    [Fact]
    public void Defaults_AreValid_AndAddNothing()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var before = builder.Services.Count;

        builder.AddSweepMessaging();

        Assert.Equal(before, builder.Services.Count);
        Assert.Null(SweepMessagingExtensions.SweepEventsOf(builder.Configuration));
    }

    [Fact]
    public void WrongSettings_AreNamedAllAtOnce()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });

        var refused = Assert.Throws<OptionsValidationException>(() => builder.AddSweepMessaging(messaging =>
        {
            messaging.Transport = "rabbitmq";
            messaging.Host = " ";
            messaging.Port = 70_000;
            messaging.VirtualHost = "";
            messaging.Username = "sweep";
            messaging.TlsAuthority = "/nowhere/authority.pem";
            messaging.Templates = "/nowhere/templates";
            messaging.Concurrency = 0;
            messaging.ProgressSeconds = double.NaN;
        }));

        Assert.Equal(
            [
                "Sweep:Messaging:Host (environment variable Sweep__Messaging__Host) is ' ', expected the broker's host",
                "Sweep:Messaging:Port (environment variable Sweep__Messaging__Port) is '70000', expected 0 (the protocol's own) to 65535",
                "Sweep:Messaging:VirtualHost (environment variable Sweep__Messaging__VirtualHost) is '', expected a virtual host, for instance /",
                "Sweep:Messaging:Password (environment variable Sweep__Messaging__Password) is empty, expected the password of user 'sweep'",
                "Sweep:Messaging:TlsAuthority (environment variable Sweep__Messaging__TlsAuthority) is '/nowhere/authority.pem', expected a file that exists",
                "Sweep:Messaging:Tls (environment variable Sweep__Messaging__Tls) is 'False', expected true where TlsAuthority or TlsServerName is set",
                "Sweep:Messaging:Templates (environment variable Sweep__Messaging__Templates) is '/nowhere/templates', expected a folder that exists",
                "Sweep:Messaging:Concurrency (environment variable Sweep__Messaging__Concurrency) is '0', expected 1 to 256",
                "Sweep:Messaging:ProgressSeconds (environment variable Sweep__Messaging__ProgressSeconds) is 'NaN', expected 0.1 to 3600",
            ],
            refused.Failures);
    }

    [Fact]
    public void Password_InAFileOrOnTheCommandLine_IsRefused_AndFromTheEnvironmentTaken()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("settings.json", """{"Sweep": {"Messaging": {"Transport": "rabbitmq", "Username": "sweep", "Password": "secret"}}}""");
        var inFile = new ConfigurationBuilder().AddJsonFile(file).Build();
        var onTheLine = new ConfigurationBuilder().AddCommandLine(["--Sweep:Messaging:Transport=rabbitmq", "--Sweep:Messaging:Username=sweep", "--Sweep:Messaging:Password=secret"]).Build();
        Environment.SetEnvironmentVariable("SWEEP_TEST_Sweep__Messaging__Password", "from the environment");
        var fromEnvironment = new ConfigurationBuilder().AddJsonFile(file).AddEnvironmentVariables("SWEEP_TEST_").Build();

        Assert.Equal(
            ["Sweep:Messaging:Password (environment variable Sweep__Messaging__Password) comes from the file settings.json, expected it from the environment only"],
            MessagingOptions.Read(inFile).Problems());
        Assert.Equal(
            ["Sweep:Messaging:Password (environment variable Sweep__Messaging__Password) comes from the command line, expected it from the environment only"],
            MessagingOptions.Read(onTheLine).Problems());
        var options = MessagingOptions.Read(fromEnvironment);
        Assert.Equal("from the environment", options.Password);
        Assert.Empty(options.Problems());
    }

    [Fact]
    public void Telemetry_OfMassTransit_IsOff()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddSweepMessaging(messaging => messaging.Transport = "memory");
        using var services = builder.Services.BuildServiceProvider();

        Assert.False(services.GetRequiredService<IOptions<MassTransit.UsageTelemetryOptions>>().Value.Enabled);
    }
}
