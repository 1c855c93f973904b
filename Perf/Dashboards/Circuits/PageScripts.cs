using System.Text.Json;

namespace Sweep.Perf.Dashboards.Circuits;

/// <summary>What a page's scripts answer when the server calls them: enough for pages to be drawn as a browser has them drawn.</summary>
internal static class PageScripts
{
    private const long WantsReference = 1;
    private const long WantsNothing = 3;

    /// <summary>The answer's JSON.</summary>
    /// <param name="name">The function.</param>
    /// <param name="wanted">What kind of answer.</param>
    /// <param name="reference">Number of a new object, for those that give one.</param>
    public static string Answer(string name, long wanted, int reference) => (name, wanted) switch
    {
        (_, WantsReference) => JsonSerializer.Serialize(new Dictionary<string, int> { ["__jsObjectId"] = reference }),
        (_, WantsNothing) => "null",
        // The title that the page had before its circuit.
        ("Blazor._internal.PageTitle.getAndRemoveExistingTitle", _) => "\"\"",
        // dashboard.js: the viewer's colours and clock.
        ("viewer", _) => """{"theme":null,"systemIsDark":false,"timeZone":"UTC"}""",
        // MudBlazor asks whether its script is there, and its one provider of popovers.
        ("window.hasOwnProperty", _) => "true",
        ("mudpopoverHelper.countProviders", _) => "1",
        _ => "false",
    };
}
