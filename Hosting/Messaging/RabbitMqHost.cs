using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MassTransit;

namespace Sweep.Hosting.Messaging;

/// <summary>The connection to the broker.</summary>
internal static class RabbitMqHost
{
    public static void Host(this IRabbitMqBusFactoryConfigurator factory, MessagingOptions options) =>
        factory.Host(options.Host, (ushort)options.EffectivePort, options.VirtualHost, $"sweep {Environment.MachineName} {Environment.ProcessId}", host =>
        {
            host.Username(options.Username);
            host.Password(options.EffectivePassword);
            if (!options.Tls)
                return;
            host.UseSsl(tls =>
            {
                tls.ServerName = options.TlsServerName ?? options.Host;
                if (options.TlsAuthority is { } authority)
                    tls.CertificateValidationCallback = TrustOnly(authority);
            });
        });

    /// <summary>The certificate must be for the right name and lead to an authority of this file, whatever the system trusts.</summary>
    internal static RemoteCertificateValidationCallback TrustOnly(string authority)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(authority);
        return (_, certificate, given, errors) =>
        {
            if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
                return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            if (given is not null)
                chain.ChainPolicy.ExtraStore.AddRange(given.ChainElements.Select(element => element.Certificate).ToArray());
            using var server = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            return chain.Build(server);
        };
    }
}
