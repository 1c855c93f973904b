using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sweep.Contracts.Store;
using Sweep.Dashboard.Actions;
using Sweep.Dashboard.Api;

namespace Sweep.Dashboard.Access;

/// <summary>Who may come in and what they may do, put together.</summary>
internal static class AccessExtensions
{
    public const string AntiforgeryHeader = "X-CSRF-Token";

    public static void AddAccess(this IServiceCollection services, SweepDashboardOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IdentityCheck>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton(provider => new FailedLogins(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OriginGuard>();
        services.AddHostedService<JournalRetention>();
        services.AddSingleton(provider => new GuardedActions(
            provider.GetRequiredService<ISweepStore>(), provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<IdentityCheck>()));
        services.AddAuthorization(AccessPolicies.Add);
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitIdentity>();
        services.AddDataProtection().SetApplicationName("sweep-dashboard");
        services.AddOptions<KeyManagementOptions>().Configure<ISweepStore>((keys, store) => keys.XmlRepository = new StoreKeyRepository(store));
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = AntiforgeryHeader;
            CookieSessions.Harden(antiforgery.Cookie, options, "sweep-form");
        });

        var authentication = services.AddAuthentication(Schemes.Any)
            .AddPolicyScheme(Schemes.Any, null, policy => policy.ForwardDefaultSelector = context => Schemes.Of(context, options))
            .AddCookie(Schemes.Cookie, cookies => CookieSessions.Configure(cookies, options))
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(Schemes.Token, null)
            .AddScheme<AuthenticationSchemeOptions, LoopbackAuthentication>(Schemes.Loopback, null);
        services.AddOptions<CookieAuthenticationOptions>(Schemes.Cookie).Configure<TimeProvider>((cookies, time) => cookies.TimeProvider = time);
        if (options.Login == SweepDashboardOptions.OidcLogin)
            authentication.AddOpenIdConnect(Schemes.Oidc, oidc => Oidc.OidcLogin.Configure(oidc, options));
        services.Configure<ForwardedHeadersOptions>(forwarded => Trust(forwarded, options));
    }

    /// <summary>In this order: headers for whatever follows, the client's address, its name for us, its pace, then who it is.</summary>
    public static void UseAccess(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<SweepDashboardOptions>();
        var origins = app.Services.GetRequiredService<OriginGuard>();
        var limits = app.Services.GetRequiredService<RateLimits>();
        app.Use((context, next) => SecurityHeaders.InvokeAsync(context, next, options));
        app.UseExceptionHandler();
        app.UseApiProblems();
        if (options.Proxies.Count > 0)
            app.UseForwardedHeaders();
        app.Use((context, next) => origins.InvokeAsync(context, next));
        app.Use((context, next) => limits.InvokeAsync(context, next));
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    private static void Trust(ForwardedHeadersOptions forwarded, SweepDashboardOptions options)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
        forwarded.ForwardLimit = null;
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in options.Proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
                forwarded.KnownProxies.Add(address);
            else
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }
    }
}
