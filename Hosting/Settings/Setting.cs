using Microsoft.Extensions.Configuration;

namespace Sweep.Hosting.Settings;

/// <summary>Settings as messages name them and as lists are written.</summary>
internal static class Setting
{
    /// <summary>The key with its environment variable.</summary>
    public static string Named(string key) => $"{key} (environment variable {key.Replace(":", "__", StringComparison.Ordinal)})";

    /// <summary>A list, either one word an entry (KEY:0, KEY:1) or all of them in KEY with commas between; null: not configured.</summary>
    public static IReadOnlyList<string>? List(IConfiguration configuration, string key)
    {
        var section = configuration.GetSection(key);
        return section.Value is { Length: > 0 } words
            ? words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : section.GetChildren().Select(child => child.Value ?? "").ToArray() is { Length: > 0 } entries ? entries : null;
    }
}
