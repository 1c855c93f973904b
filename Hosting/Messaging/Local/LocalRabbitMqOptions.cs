namespace Sweep.Hosting.Messaging.Local;

/// <summary>How a broker of one's own runs.</summary>
public sealed record LocalRabbitMqOptions
{
    /// <summary>Where its files lie. Default: a folder in the temporary folder that is deleted at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>Files of its TLS listener. Default: none, it has none.</summary>
    public LocalRabbitMqCertificates? Certificates { get; init; }
}

/// <summary>PEM files.</summary>
public sealed record LocalRabbitMqCertificates
{
    public required string Authority { get; init; }

    public required string Certificate { get; init; }

    public required string Key { get; init; }
}

/// <summary>A broker of one's own that cannot be had.</summary>
public sealed class LocalRabbitMqException(string message) : Exception(message);
