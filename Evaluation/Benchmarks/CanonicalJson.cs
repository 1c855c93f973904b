using System.Text;
using System.Text.Json;

namespace Sweep.Evaluation.Benchmarks;

/// <summary>A JSON value in one fixed form, fields in ordinal order and no white space, so that equal records have equal hashes.</summary>
internal static class CanonicalJson
{
    public static string Of(Node node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(node, writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Node node, Utf8JsonWriter writer)
    {
        switch (node.Value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, value) in node.Members().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in node.Elements())
                    Write(element, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(node.AsText());
                break;
            default:
                node.Value.WriteTo(writer);
                break;
        }
    }
}
