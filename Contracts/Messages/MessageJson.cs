using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sweep.Contracts.Messages;

/// <summary>
/// JSON of messages. Every member's name is written at the member, so any serializer of .NET gives the same; members that a reader does not know are left out by it, but for
/// commands that name them (<see cref="SubmitSweep.Unknown"/>).
/// </summary>
public static class MessageJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
