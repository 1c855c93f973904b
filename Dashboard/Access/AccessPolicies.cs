using Microsoft.AspNetCore.Authorization;
using Sweep.Persistence.Access;

namespace Sweep.Dashboard.Access;

/// <summary>Names of the policies that pages and endpoints ask for.</summary>
public static class AccessPolicies
{
    public const string Viewer = "viewer";
    public const string Operator = "operator";
    public const string Admin = "admin";

    internal static void Add(AuthorizationOptions options)
    {
        options.AddPolicy(Viewer, policy => Require(policy, AccessRole.Viewer));
        options.AddPolicy(Operator, policy => Require(policy, AccessRole.Operator));
        options.AddPolicy(Admin, policy => Require(policy, AccessRole.Admin));
        // What says nothing is no less guarded than what does.
        options.DefaultPolicy = options.GetPolicy(Viewer)!;
        options.FallbackPolicy = options.GetPolicy(Viewer);
    }

    private static void Require(AuthorizationPolicyBuilder policy, AccessRole role) =>
        policy.RequireAuthenticatedUser().RequireAssertion(context => Identities.RoleOf(context.User) >= role);
}
