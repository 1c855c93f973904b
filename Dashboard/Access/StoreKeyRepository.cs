using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Sweep.Contracts.Store;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>Keys of cookies in the store: every replica reads every replica's cookies, and they outlive a restart.</summary>
internal sealed class StoreKeyRepository(ISweepStore store) : IXmlRepository
{
    // The interface is synchronous; it is asked once a day and when a key is made.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Task.Run(() => store.Access().ListKeysAsync(CancellationToken.None)).GetAwaiter().GetResult().Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName) =>
        Task.Run(() => store.Access().SaveKeyAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting), CancellationToken.None)).GetAwaiter().GetResult();
}
