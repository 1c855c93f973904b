using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sweep.Tests.Hub;

/// <summary>A commit of a model as a hub has it: large files known by SHA-256, small ones by Git's hash.</summary>
internal sealed class HubRepository(string repository, params (string Name, byte[] Content)[] files)
{
    /// <summary>From the contents, as Git's is.</summary>
    public string Commit { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository + string.Concat(files.Select(file => file.Name + Sha256(file.Content))))))[..40];

    /// <summary>Changes the listing's JSON before it is sent.</summary>
    public Action<JsonObject> Change { get; set; } = _ => { };

    public byte[]? Find(string name) => files.FirstOrDefault(file => file.Name == name).Content;

    public byte[] Listing()
    {
        var listing = new JsonObject
        {
            ["id"] = repository,
            ["sha"] = Commit,
            ["siblings"] = new JsonArray([.. files.Select(file => Entry(file.Name, file.Content))]),
        };
        Change(listing);
        return JsonSerializer.SerializeToUtf8Bytes(listing);
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "Git's own.")]
    public static string GitHash(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    private static JsonObject Entry(string name, byte[] content)
    {
        var entry = new JsonObject { ["rfilename"] = name, ["size"] = content.Length, ["blobId"] = GitHash(content) };
        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
            entry["lfs"] = new JsonObject { ["sha256"] = Sha256(content), ["size"] = content.Length, ["pointerSize"] = 134 };
        return entry;
    }
}
