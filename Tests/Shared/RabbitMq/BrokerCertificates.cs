using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sweep.Hosting.Messaging.Local;

namespace Sweep.Tests.RabbitMq;

/// <summary>A certificate authority of a test's own and a server certificate for "localhost" that it signed, as PEM files.</summary>
internal static class BrokerCertificates
{
    public static LocalRabbitMqCertificates Create(string folder)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=sweep-test-authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, critical: false));
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        using var authority = authorityRequest.CreateSelfSigned(from, from.AddDays(3));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(authority, from, from.AddDays(2), RandomNumberGenerator.GetBytes(8));

        var paths = new LocalRabbitMqCertificates { Authority = Path.Combine(folder, "authority.pem"), Certificate = Path.Combine(folder, "server.pem"), Key = Path.Combine(folder, "server.key") };
        File.WriteAllText(paths.Authority, authority.ExportCertificatePem());
        File.WriteAllText(paths.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(paths.Key, key.ExportPkcs8PrivateKeyPem());
        return paths;
    }
}
