using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;

namespace Sweep.Hosting.Messaging;

/// <summary>Sweep:Messaging: commands and events by messages.</summary>
public sealed class MessagingOptions
{
    internal const string Key = "Sweep:Messaging";
    internal const string None = "none";
    internal const string Memory = "memory";
    internal const string RabbitMq = "rabbitmq";

    /// <summary>none, memory (within this process) or rabbitmq. Default: none.</summary>
    public string Transport { get; set; } = None;

    /// <summary>The broker's host. Default: localhost.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The broker's port; 0: 5672, with TLS 5671. Default: 0.</summary>
    public int Port { get; set; }

    /// <summary>Default: /.</summary>
    public string VirtualHost { get; set; } = "/";

    /// <summary>Default: guest.</summary>
    public string Username { get; set; } = "guest";

    /// <summary>From the environment variable Sweep__Messaging__Password only. Default: guest, for user guest alone.</summary>
    public string? Password { get; set; }

    /// <summary>Encrypt, and check the broker's certificate. Default: false.</summary>
    public bool Tls { get; set; }

    /// <summary>The name that the broker's certificate must be for. Default: Host.</summary>
    public string? TlsServerName { get; set; }

    /// <summary>File (PEM) with the only authorities to trust. Default: those that the system trusts.</summary>
    public string? TlsAuthority { get; set; }

    /// <summary>Folder of the plan templates that RunExperiment may name. Default: none, experiments are refused.</summary>
    public string? Templates { get; set; }

    /// <summary>Messages of one queue that a silo handles at once. Default: 4.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>How long a message waits for a store that is away before it goes to its error queue, seconds. Default: 600.</summary>
    public double StorePatienceSeconds { get; set; } = 600;

    /// <summary>At most one SweepProgressed a sweep in so many seconds. Default: 1.</summary>
    public double ProgressSeconds { get; set; } = 1;

    /// <summary>How often an empty outbox is looked into, seconds. Default: 0.5.</summary>
    public double OutboxPollSeconds { get; set; } = 0.5;

    /// <summary>Events sent at once. Default: 100.</summary>
    public int OutboxBatch { get; set; } = 100;

    /// <summary>How long the broker may take to confirm an event, seconds. Default: 10.</summary>
    public double PublishTimeoutSeconds { get; set; } = 10;

    /// <summary>How long handled messages are remembered, days: a duplicate that comes later is taken for new. Default: 14.</summary>
    public double InboxDays { get; set; } = 14;

    /// <summary>Events are made and sent.</summary>
    public bool IsEnabled => Transport != None;

    /// <summary>The broker, as messages name it.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{Host}:{EffectivePort}{(VirtualHost == "/" ? "" : $"/{VirtualHost}")}");

    internal int EffectivePort => Port != 0 ? Port : Tls ? 5671 : 5672;

    internal string EffectivePassword => Password ?? Username;

    /// <summary>The section's values; unlike those of other sections the password must not lie in a file.</summary>
    public static MessagingOptions Read(IConfiguration configuration)
    {
        var options = new MessagingOptions();
        configuration.GetSection(Key).Bind(options);
        options.PasswordSource = SourceOfPassword(configuration);
        return options;
    }

    /// <summary>Every setting that cannot work.</summary>
    public IEnumerable<string> Problems()
    {
        if (Transport is not (None or Memory or RabbitMq))
            yield return Found(nameof(Transport), Transport, $"{None}, {Memory} or {RabbitMq}");
        if (Transport == RabbitMq)
        {
            if (string.IsNullOrWhiteSpace(Host))
                yield return Found(nameof(Host), Host, "the broker's host");
            if (Port is < 0 or > 65535)
                yield return Found(nameof(Port), Port, "0 (the protocol's own) to 65535");
            if (string.IsNullOrEmpty(VirtualHost))
                yield return Found(nameof(VirtualHost), VirtualHost, "a virtual host, for instance /");
            if (string.IsNullOrWhiteSpace(Username))
                yield return Found(nameof(Username), Username, "a user of the broker");
            else if (string.IsNullOrEmpty(Password) && Username != "guest")
                yield return $"{Named(nameof(Password))} is empty, expected the password of user '{Username}'";
            if (PasswordSource is { } source)
                yield return $"{Named(nameof(Password))} comes from {source}, expected it from the environment only";
            if (TlsAuthority is { } authority && !File.Exists(authority))
                yield return Found(nameof(TlsAuthority), authority, "a file that exists");
            if (!Tls && (TlsAuthority ?? TlsServerName) is not null)
                yield return Found(nameof(Tls), Tls, $"true where {nameof(TlsAuthority)} or {nameof(TlsServerName)} is set");
        }

        if (Templates is { } folder && !Directory.Exists(folder))
            yield return Found(nameof(Templates), folder, "a folder that exists");
        foreach (var (name, value, least, most) in Numbers())
        {
            if (!(value >= least && value <= most))
                yield return Found(name, value, string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"));
        }
    }

    /// <summary>Where a password was found that must not be there.</summary>
    internal string? PasswordSource { get; set; }

    private IEnumerable<(string Name, double Value, double Least, double Most)> Numbers() =>
    [
        (nameof(Concurrency), Concurrency, 1, 256),
        (nameof(StorePatienceSeconds), StorePatienceSeconds, 1, 1500),
        (nameof(ProgressSeconds), ProgressSeconds, 0.1, 3600),
        (nameof(OutboxPollSeconds), OutboxPollSeconds, 0.01, 60),
        (nameof(OutboxBatch), OutboxBatch, 1, 10_000),
        (nameof(PublishTimeoutSeconds), PublishTimeoutSeconds, 0.5, 300),
        (nameof(InboxDays), InboxDays, 0.01, 3650),
    ];

    private static string? SourceOfPassword(IConfiguration configuration)
    {
        foreach (var provider in (configuration as IConfigurationRoot)?.Providers.Reverse() ?? [])
        {
            if (!provider.TryGet($"{Key}:{nameof(Password)}", out var value) || string.IsNullOrEmpty(value))
                continue;
            return provider switch
            {
                FileConfigurationProvider file => $"the file {file.Source.Path}",
                CommandLineConfigurationProvider => "the command line",
                _ => null,
            };
        }

        return null;
    }

    private static string Found<T>(string name, T value, string expected) => string.Create(CultureInfo.InvariantCulture, $"{Named(name)} is '{value}', expected {expected}");

    private static string Named(string name) => $"{Key}:{name} (environment variable Sweep__Messaging__{name})";
}
