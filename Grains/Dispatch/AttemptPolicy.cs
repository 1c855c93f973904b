using Sweep.Contracts.Store;

namespace Sweep.Grains.Dispatch;

/// <summary>How often work may kill its worker or throw before it is set aside.</summary>
internal sealed class AttemptPolicy(int maxFailedAttempts)
{
    /// <summary>What becomes of a batch after one more failed attempt.</summary>
    /// <param name="failedBefore">Failed attempts before this one.</param>
    public BatchStatus After(int failedBefore) => failedBefore + 1 >= maxFailedAttempts ? BatchStatus.Quarantined : BatchStatus.Pending;

    public string Reason(int failedBefore, string cause) => $"attempt {failedBefore + 1} of {maxFailedAttempts}: {cause}";
}
