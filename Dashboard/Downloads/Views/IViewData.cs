using Microsoft.AspNetCore.Http;
using Sweep.Persistence.Access;
using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>What a page shows, as rows: all that its filters leave, not only what fits its screen.</summary>
internal interface IViewData
{
    /// <summary>In its address.</summary>
    string Name { get; }

    /// <summary>Its address names a sweep.</summary>
    bool IsOfSweep { get; }

    /// <summary>Who may read it. Default: whoever may look.</summary>
    AccessRole Needed => AccessRole.Viewer;

    /// <summary>Null: there is nothing at this address (yet).</summary>
    Task<ExportTable?> ReadAsync(ViewRequest request, CancellationToken cancellationToken);
}

/// <summary>Which rows are wanted, in the words of the page's own address.</summary>
/// <param name="SweepId">Empty: of no sweep.</param>
/// <param name="Query">As the page has it.</param>
internal sealed record ViewRequest(string SweepId, IQueryCollection Query)
{
    /// <summary>Null: not given, or empty.</summary>
    public string? this[string name] => Query[name].ToString() is { Length: > 0 } value ? value : null;
}
