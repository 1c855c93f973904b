using Microsoft.Playwright;
using Sweep.Tests.Browser;
using Xunit;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>Every page, for everybody, and for nobody who is not meant.</summary>
public sealed partial class ClusterJourneyTests
{
    private const string Cell = $"model={Model}&benchmark=triviaqa&bottleneck=planted&scalar=0.05";

    [Fact]
    public async Task Pages_InEitherColours_CanBeUsedByEverybodyAndFitAPhone()
    {
        var axe = Axe.Source();
        await dashboard.ReadyAsync();
        await dashboard.AddUserAsync("root", "admin");
        var (one, other) = (dashboard.Done.One.Id, dashboard.Done.Other.Id);
        (string Name, string Address)[] addresses =
        [
            ("sweeps", ""), ("new", "new"), ("workers", "workers"), ("queue", "queue"), ("sweep", $"sweeps/{one}"), ("cell", $"sweeps/{one}/cell?{Cell}"), ("items", $"sweeps/{one}/items?{Cell}"),
            ("bottleneck", $"sweeps/{one}/bottleneck?model={Model}&name=planted"), ("compare", $"compare?left={one}&right={other}&rightSet=planted"), ("missing", "sweeps/none"), ("logout", "logout"), ("nowhere", "nowhere"),
        ];
        var findings = new List<string>();
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using (var nobody = await chromium.OpenAsync(scheme: scheme))
            {
                await nobody.Page.GotoAsync(new Uri(dashboard.Address, "login").AbsoluteUri);
                await LookAsync(nobody, "login", scheme);
            }

            await using var tab = await dashboard.OpenAsync(scheme: scheme);
            foreach (var (name, address) in addresses)
            {
                await tab.Page.GotoAsync(new Uri(dashboard.Address, address).AbsoluteUri);
                await LookAsync(tab, name, scheme);
            }

            // The browser itself says of the one address that nothing has that it answered 404.
            Assert.Single(tab.Messages, message => message.Contains("status of 404", StringComparison.Ordinal));
            dashboard.Process.AssertClean(tab, message => message.Contains("status of 404", StringComparison.Ordinal));

            // What only an admin sees.
            await using var admins = await chromium.OpenAsync(scheme: scheme);
            await dashboard.LogInAsync(admins.Page, "root", "journal");
            await LookAsync(admins, "journal", scheme);
            dashboard.Process.AssertClean(admins);
        }

        Assert.Empty(findings);

        // One loading of a page for all widths.
        async Task LookAsync(BrowserTab tab, string name, ColorScheme scheme)
        {
            await tab.Page.ReadyAsync();
            findings.AddRange((await Axe.FindAsync(tab, axe)).Select(finding => $"{name}, {scheme}: {finding}"));
            foreach (var width in (int[])[1920, 1280, 390])
            {
                await tab.Page.SetViewportSizeAsync(width, 900);
                findings.AddRange((await tab.OverflowingAsync()).Select(element => $"{name} at {width}: {element} sticks out"));
                await tab.Page.KeepAsync($"{name}-{width}-{scheme.ToString().ToLowerInvariant()}");
            }

            await tab.Page.SetViewportSizeAsync(1280, 900);
        }
    }

    [Fact]
    public async Task ContentPolicy_InTheBrowser_LetsThePageWorkAndNoScriptOfOthers()
    {
        await dashboard.ReadyAsync();
        await using var tab = await dashboard.OpenAsync();
        var page = tab.Page;
        await page.GotoAsync(new Uri(dashboard.Address, "new").AbsoluteUri);

        // The circuit answers: colours change by a button.
        await page.Button("Dark colours").ClickAsync();
        await Assertions.Expect(page.Button("Light colours")).ToBeVisibleAsync(Waits.Visible);
        dashboard.Process.AssertClean(tab);

        // What an injected text could try, one after the other, each until the browser says that it has blocked it.
        Assert.Equal(
            ["script-src-attr", "script-src-elem", "script-src-elem", "script-src", "connect-src", "nothing ran"],
            await page.EvaluateAsync<string[]>(
                """
                async () => {
                  const blocked = [];
                  const attempt = async action => {
                    const told = new Promise(resolve => document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), { once: true }));
                    try { await action(); } catch { }
                    blocked.push(await told);
                  };
                  const script = change => { const element = document.createElement('script'); change(element); document.body.append(element); };
                  await attempt(() => { const box = document.createElement('div'); box.innerHTML = '<img src="data:," onerror="window.injected = 1">'; document.body.append(box); });
                  await attempt(() => script(element => element.textContent = 'window.injected = 2'));
                  await attempt(() => script(element => element.src = 'https://evil.example/x.js'));
                  await attempt(() => new Function('window.injected = 3')());
                  await attempt(() => fetch('https://evil.example/'));
                  return [...blocked, window.injected === undefined ? 'nothing ran' : `${window.injected} ran`];
                }
                """));
    }
}
