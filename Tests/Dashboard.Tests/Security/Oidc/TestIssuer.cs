using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sweep.Dashboard.Tests.Security.Oidc;

/// <summary>An OpenID Connect issuer on a free port of loopback: discovery, keys, authorization that asks nobody, and a token endpoint that holds PKCE and the client's secret to their word.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string ClientId = "sweep-dashboard";
    public const string ClientSecret = "the secret of the client";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, Grant> _grants = new();

    private TestIssuer(WebApplication app) => _app = app;

    /// <summary>Who logs in next.</summary>
    public string Subject { get; set; } = "subject-1";

    /// <summary>The identity token's claim "roles".</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Changes what the identity token says, after everything right was put in.</summary>
    public Action<Dictionary<string, object>>? Falsify { get; set; }

    /// <summary>Signs with a key that it does not publish.</summary>
    public bool SignsWithAnotherKey { get; set; }

    /// <summary>What the token endpoint refused.</summary>
    public ConcurrentQueue<string> Refusals { get; } = new();

    public string Authority => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        app.MapGet("/.well-known/openid-configuration", issuer.Discovery);
        app.MapGet("/keys", issuer.Keys);
        app.MapGet("/authorize", issuer.Authorize);
        app.MapPost("/token", issuer.TokenAsync);
        await app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private IResult Discovery() => Results.Json(new JsonObject
    {
        ["issuer"] = Authority,
        ["authorization_endpoint"] = $"{Authority}/authorize",
        ["token_endpoint"] = $"{Authority}/token",
        ["jwks_uri"] = $"{Authority}/keys",
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
    });

    private IResult Keys()
    {
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["alg"] = "RS256",
                ["kid"] = "one",
                ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
                ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
            }),
        });
    }

    private IResult Authorize(HttpRequest request)
    {
        var query = request.Query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Split(' ').Contains("openid"))
            return Results.BadRequest("not what this issuer was told");
        var code = Guid.NewGuid().ToString("N");
        _grants[code] = new Grant(query["code_challenge"]!, query["redirect_uri"]!, query["nonce"]!);
        return Results.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"]!)}");
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!_grants.TryRemove(form["code"]!, out var grant))
            return Refuse("the code is unknown or was used");
        if (form["client_secret"] != ClientSecret || form["client_id"] != ClientId)
            return Refuse("the client's secret is wrong");
        if (form["redirect_uri"] != grant.RedirectUri)
            return Refuse("another redirect");
        if (Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]!))) != grant.Challenge)
            return Refuse("the code's verifier does not fit");
        var claims = new Dictionary<string, object> { ["sub"] = Subject, ["nonce"] = grant.Nonce, ["name"] = $"Person {Subject}", ["roles"] = Roles };
        var token = new SecurityTokenDescriptor { Issuer = Authority, Audience = ClientId, Expires = DateTime.UtcNow.AddMinutes(5), Claims = claims };
        Falsify?.Invoke(claims);
        if (claims.Remove("aud", out var audience))
            token.Audience = (string)audience;
        using var other = RSA.Create(2048);
        token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(SignsWithAnotherKey ? other : _key) { KeyId = "one", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } }, SecurityAlgorithms.RsaSha256);
        return Results.Json(new JsonObject { ["access_token"] = "unused", ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = new JsonWebTokenHandler().CreateToken(token) });
    }

    private IResult Refuse(string reason)
    {
        Refusals.Enqueue(reason);
        return Results.Json(new JsonObject { ["error"] = "invalid_grant", ["error_description"] = reason }, statusCode: StatusCodes.Status400BadRequest);
    }

    private sealed record Grant(string Challenge, string RedirectUri, string Nonce);
}
