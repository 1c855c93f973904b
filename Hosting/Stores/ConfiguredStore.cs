using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sweep.Contracts.Store;
using Sweep.Hosting.Messaging;
using Sweep.Hosting.Settings;
using Sweep.Persistence;
using Sweep.Persistence.Postgres;
using Sweep.Persistence.Sqlite;

namespace Sweep.Hosting.Stores;

/// <summary>The store that the settings name, opened before anything starts: a silo without one is of no use to anybody.</summary>
public static class ConfiguredStore
{
    /// <summary>Opens and registers it.</summary>
    /// <exception cref="StoreInUseException">Another process works on the SQLite file.</exception>
    /// <exception cref="StoreSettingsException">The database refuses what the settings say.</exception>
    /// <exception cref="IncompatibleStoreException">Its schema is none that this version works on; the message says what to run.</exception>
    /// <exception cref="StoreUnavailableException">It does not answer.</exception>
    public static async Task<TBuilder> AddSweepStoreAsync<TBuilder>(this TBuilder builder, SweepSiloOptions options, CancellationToken cancellationToken = default)
        where TBuilder : IHostApplicationBuilder
    {
        var events = SweepMessagingExtensions.SweepEventsOf(builder.Configuration);
        if (options.Store.Provider == StoreOptions.PostgresProvider)
        {
            var shared = await PostgresSweepStore.OpenAsync(options.Store.Postgres, cancellationToken, events: events);
            builder.Services.AddSingleton(_ => shared);
            return builder;
        }

        var owned = await OwnedStore.OpenAsync(options.Store.Path, cancellationToken, events);
        builder.Services.AddSingleton(_ => owned.Store);
        builder.Services.AddSingleton(_ => owned);
        return builder;
    }
}
