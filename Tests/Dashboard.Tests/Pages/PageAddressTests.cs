using Microsoft.AspNetCore.Components;
using Sweep.Dashboard.Layout;
using Xunit;

namespace Sweep.Dashboard.Tests.Pages;

public sealed class PageAddressTests
{
    [Fact]
    public void Change_BeforeTheBrowserTellsOfTheLast_KeepsBoth()
    {
        var browser = new SlowBrowser();
        using var address = new PageAddress(browser);

        address.Change(("left", "a@b"));
        address.Change(("right", "c"), ("page", null));
        Assert.Equal("http://here/compare?left=a%40b&right=c", browser.Asked[^1]);

        browser.Arrive();
        address.Change(("left", null));
        Assert.Equal("http://here/compare?right=c", browser.Asked[^1]);
    }

    [Fact]
    public void Change_OnAnotherPage_BeginsThere()
    {
        var browser = new SlowBrowser();
        using var address = new PageAddress(browser);
        address.Change(("left", "a"));

        browser.Leave("http://here/items?x=1");
        address.Change(("y", "2"));

        Assert.Equal("http://here/items?x=1&y=2", browser.Asked[^1]);
    }

    /// <summary>Goes where it was asked to only when told.</summary>
    private sealed class SlowBrowser : NavigationManager
    {
        public SlowBrowser() => Initialize("http://here/", "http://here/compare?page=2");

        public List<string> Asked { get; } = [];

        public void Arrive()
        {
            foreach (var asked in Asked.ToArray())
                Leave(asked);
        }

        public void Leave(string address)
        {
            Uri = address;
            NotifyLocationChanged(isInterceptedLink: false);
        }

        protected override void NavigateToCore(string uri, NavigationOptions options) => Asked.Add(uri);
    }
}
