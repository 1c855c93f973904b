using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sweep.Contracts.Dispatch;

namespace Sweep.Persistence.Ledger;

/// <summary>
/// Which grant a ledger row was written under: the first 63 bits of the SHA-256 of batch and token. An audit counts each attempt's rows by it and holds them against what the attempt
/// says it wrote.
/// </summary>
internal static class AttemptMark
{
    public static long Of(Lease lease) => Of(lease.BatchId, lease.Token);

    public static long Of(string batchId, long token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{batchId}\n{token}")));
        return BinaryPrimitives.ReadInt64BigEndian(hash) & long.MaxValue;
    }
}
