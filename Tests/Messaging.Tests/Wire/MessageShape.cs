using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using Sweep.Contracts.Messages;

namespace Sweep.Messaging.Tests.Wire;

/// <summary>The JSON of every message, as the serializer itself sees it, and the names it goes by at the broker.</summary>
internal static class MessageShape
{
    public static WireShape Read()
    {
        var shape = new WireShape();
        foreach (var type in MessageNames.All)
            shape.Add($"message {MessageNames.Of(type)} {MessageUrn.ForTypeString(type)}", MessageJson.Options.GetTypeInfo(type).Properties.Where(property => !property.IsExtensionData).Select(Member));
        return shape;
    }

    private static string Member(JsonPropertyInfo property) => $"{property.Name} {Kind(property.PropertyType)}{(property.IsRequired ? " required" : "")}";

    private static string Kind(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Kind(inner) : type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => "flag",
        _ when type == typeof(int) || type == typeof(long) => "whole",
        _ when type == typeof(double) => "number",
        _ when type == typeof(DateTimeOffset) => "time",
        _ when type == typeof(IReadOnlyList<string>) => "list of text",
        _ when type == typeof(JsonElement) => "any",
        _ when type == typeof(Dictionary<string, JsonElement>) => "object",
        _ => throw new InvalidOperationException($"{type} has no word in the snapshot yet"),
    };
}
