using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Sweep.Dashboard.Access;
using Sweep.Dashboard.Downloads.Views;

namespace Sweep.Dashboard.Api;

/// <summary>/api/v1 and its OpenAPI document.</summary>
internal static class ApiExtensions
{
    public const string DocumentPath = "/api/openapi/v1.json";

    private const string Version = "v1";

    public static void AddApi(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ErrorAnswers>();
        // A parameter that cannot be read says so in a problem document, as everything else.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        });
        services.AddOpenApi(Version, document => document.AddDocumentTransformer((openApi, _, _) =>
        {
            openApi.Info = new OpenApiInfo { Title = "Sweep", Version = Version, Description = "Submit sweeps, watch them, read what they found. Errors are problem documents (RFC 9457)." };
            openApi.Servers = [new OpenApiServer { Url = "/" }];
            openApi.Components ??= new OpenApiComponents();
            openApi.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            openApi.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Made by `sweep token create`." };
            openApi.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", openApi)] = [] }];
            return Task.CompletedTask;
        }));
    }

    /// <summary>What the framework refuses with a bare status (no such address, method or type) is an answer for a program, too, and for people.</summary>
    public static void UseApiProblems(this IApplicationBuilder app) => app.UseStatusCodePages(context =>
        context.HttpContext.Request.Path.StartsWithSegments("/api") ? ApiProblems.WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode, Bare(context.HttpContext.Response.StatusCode)) : PlainPages.MissAsync(context.HttpContext));

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").AddEndpointFilter(RefuseForgedAsync);
        SweepEndpoints.Map(api);
        EstimateEndpoints.Map(api);
        ResultEndpoints.Map(api);
        FileEndpoints.Map(api);
        ClusterEndpoints.Map(api);
        ViewEndpoints.Map(api);
        AccessEndpoints.Map(api);
        routes.MapOpenApi("/api/openapi/{documentName}.json").RequireAuthorization(AccessPolicies.Viewer);
    }

    private static string Bare(int status) => status switch
    {
        StatusCodes.Status404NotFound => "there is nothing at this address",
        StatusCodes.Status405MethodNotAllowed => "this address knows other methods, see " + DocumentPath,
        StatusCodes.Status415UnsupportedMediaType => $"Content-Type: expected {string.Join(", ", PlanBody.Types)}",
        _ => "the request could not be answered",
    };

    /// <summary>A cookie comes with every request that a browser makes, whoever made it: a change must show that a page of ours asked for it.</summary>
    private static async ValueTask<object?> RefuseForgedAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || http.User.Identity?.AuthenticationType != Schemes.Cookie)
            return await next(context);
        // By the header alone: a body is the call's own.
        return http.Request.Headers.ContainsKey(AccessExtensions.AntiforgeryHeader) && await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http)
            ? await next(context)
            : ApiProblems.Of(StatusCodes.Status403Forbidden, "found no valid antiforgery token, expected the one of GET /api/v1/session in the header " + AccessExtensions.AntiforgeryHeader);
    }
}
