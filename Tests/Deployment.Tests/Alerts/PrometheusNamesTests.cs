using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Xunit;

namespace Sweep.Deployment.Tests.Alerts;

/// <summary>Our idea of Prometheus' names against the exporter that silos use, for the kinds and units that Sweep's instruments have.</summary>
public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/openmetrics-text", "1.0.0")]
    public async Task Names_OfEveryInstrument_AreTheExporters(string type, string? version)
    {
        using var meter = new Meter($"Sweep.Names.{Guid.NewGuid():N}");
        IReadOnlyList<string> expected = [];

        var text = await ScrapeAsync(meter.Name, type, version, () => expected = [.. MetricCatalog.Instruments.Select(instrument => Twin(meter, instrument)).SelectMany(PrometheusNames.Of)]);

        var found = text.Split('\n').Where(line => line.StartsWith("sweep_", StringComparison.Ordinal)).Select(line => line.Split('{', ' ')[0])
            // When a counter began, which OpenMetrics adds.
            .Where(name => !name.EndsWith("_created", StringComparison.Ordinal)).Distinct();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    /// <summary>One of the same name, kind and unit that has a value: the exporter says nothing of instruments that nobody used.</summary>
    private static Instrument Twin(Meter meter, Instrument instrument)
    {
        switch (instrument.GetType().Name.Split('`')[0])
        {
            case "Counter":
                var counter = meter.CreateCounter<double>(instrument.Name, instrument.Unit);
                counter.Add(1);
                return counter;
            case "Histogram":
                var histogram = meter.CreateHistogram<double>(instrument.Name, instrument.Unit);
                histogram.Record(1);
                return histogram;
            case "ObservableCounter":
                return meter.CreateObservableCounter(instrument.Name, () => 1.0, instrument.Unit);
            case "ObservableGauge":
                return meter.CreateObservableGauge(instrument.Name, () => 1.0, instrument.Unit);
            default:
                throw new NotSupportedException($"{instrument.Name} is a {instrument.GetType().Name}; teach this test its kind");
        }
    }

    private static async Task<string> ScrapeAsync(string meter, string type, string? version, Action measure)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(meter).AddPrometheusExporter());
        await using var app = builder.Build();
        app.MapPrometheusScrapingEndpoint("/metrics");
        await app.StartAsync(cancellationToken);
        measure();
        using var client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
        var accept = new MediaTypeWithQualityHeaderValue(type);
        if (version is not null)
            accept.Parameters.Add(new NameValueHeaderValue("version", version));
        client.DefaultRequestHeaders.Accept.Add(accept);
        return await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
    }
}
