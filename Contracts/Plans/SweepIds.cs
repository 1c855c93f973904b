using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sweep.Contracts.Json;

namespace Sweep.Contracts.Plans;

/// <summary>A sweep's id is a function of its plan: the same plan submitted again is the same sweep, and continues.</summary>
public static class SweepIds
{
    /// <summary>"NAME-" and the first 10 hexadecimal digits of the SHA-256 of the plan's canonical JSON.</summary>
    public static string Of(SweepPlan plan)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(plan)));
        return $"{plan.Name}-{Convert.ToHexStringLower(hash)[..10]}";
    }

    /// <summary>The plan as JSON with every object's members in ordinal order, so that the order of declarations decides nothing.</summary>
    public static string Canonical(SweepPlan plan) => Sorted(JsonSerializer.SerializeToNode(plan, SweepJson.Options))!.ToJsonString(SweepJson.Options);

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray values => new JsonArray([.. values.Select(Sorted)]),
        null => null,
        _ => node.DeepClone(),
    };
}
