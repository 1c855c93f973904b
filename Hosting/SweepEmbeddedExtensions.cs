using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Store;
using Sweep.Execution;
using Sweep.Persistence.Sqlite;

namespace Sweep.Hosting;

/// <summary>The composition of a run in one process.</summary>
public static class SweepEmbeddedExtensions
{
    /// <summary>Adds the opened store, the execution and a silo of its own with <see cref="EmbeddedOptions.Workers"/> workers.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that cannot work.</exception>
    public static TBuilder AddSweepEmbedded<TBuilder>(this TBuilder builder, ISweepStore store, EmbeddedOptions options)
        where TBuilder : IHostApplicationBuilder
    {
        if (options.Problems().ToArray() is { Length: > 0 } problems)
            throw new OptionsValidationException(nameof(EmbeddedOptions), typeof(EmbeddedOptions), problems);
        builder.Services.AddSweepStore(store);
        builder.Services.AddSweepExecution(files =>
        {
            files.Roots = options.Roots;
            // The process runs with its user's rights on its user's plans.
            files.AllowAbsolutePaths = true;
        });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton<ILoggerProvider>(_ => new FileLoggerProvider(options.LogPath));
        builder.AddSweepSilo(silo =>
        {
            silo.OrleansLogLevel = LogLevel.Warning;
            silo.Worker.Devices = [.. Enumerable.Range(0, options.Workers).Select(index => $"{options.Device}:{index}")];
            // Only the sweep that was asked for; what another run left is taken up when it is asked for again.
            silo.Dispatch.TakeUpUnfinished = false;
            silo.Dispatch.TickSeconds = 0.25;
        });
        return builder;
    }
}
