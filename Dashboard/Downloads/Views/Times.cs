using System.Globalization;

namespace Sweep.Dashboard.Downloads.Views;

/// <summary>Times in files: UTC, ISO 8601.</summary>
internal static class Times
{
    public static string? Of(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
