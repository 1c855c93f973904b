using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Sweep.Dashboard.Layout;

/// <summary>
/// The query of one browser's page as its viewer chooses. The browser tells of a change of its address a moment after it was asked for one: what is chosen until then is added to where it is going.
/// </summary>
internal sealed class PageAddress : IDisposable
{
    private readonly NavigationManager _navigation;
    private string? _going;

    public PageAddress(NavigationManager navigation)
    {
        _navigation = navigation;
        navigation.LocationChanged += Arrive;
    }

    /// <param name="changes">Parameters of the query; an empty value, or none, takes one out.</param>
    public void Change(params (string Name, string? Value)[] changes)
    {
        _going = _navigation.GetUriWithQueryParameters(_going ?? _navigation.Uri, changes.ToDictionary(change => change.Name, change => (object?)(string.IsNullOrEmpty(change.Value) ? null : change.Value)));
        _navigation.NavigateTo(_going);
    }

    public void Dispose() => _navigation.LocationChanged -= Arrive;

    /// <summary>At an address on the way, there is still a choice to come; on another page, none.</summary>
    private void Arrive(object? sender, LocationChangedEventArgs change)
    {
        if (_going is not null && (Plain(_going) == Plain(change.Location) || new Uri(_going).AbsolutePath != new Uri(change.Location).AbsolutePath))
            _going = null;
    }

    private static string Plain(string address) => Uri.UnescapeDataString(address);
}
