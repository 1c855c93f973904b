using System.Globalization;

namespace Sweep.Dashboard.Layout;

/// <summary>Who looks: their time zone and their colours, once the browser has said them.</summary>
internal sealed class Viewer
{
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;

    /// <summary>"light", "dark"; null: as the system has it.</summary>
    public string? Theme { get; private set; }

    public bool SystemIsDark { get; set; }

    public bool IsDark => Theme is { } chosen ? chosen == Dark : SystemIsDark;

    private const string Dark = "dark";

    public void Know(string? theme, bool systemIsDark, string? timeZone)
    {
        Theme = theme is Dark or "light" ? theme : null;
        SystemIsDark = systemIsDark;
        // What a browser names and this machine does not know is shown as UTC, and says so.
        _zone = timeZone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) ? zone : TimeZoneInfo.Utc;
    }

    /// <summary>The other colours; back to the system's where they are the same.</summary>
    public void Switch()
    {
        var isDark = !IsDark;
        Theme = isDark == SystemIsDark ? null : isDark ? Dark : "light";
    }

    public string Time(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, _zone);
        return local.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + (_zone == TimeZoneInfo.Utc ? " UTC" : "");
    }

    /// <summary>Day and time to the second, without the year: where a row's neighbours differ by seconds.</summary>
    public string TimeOfDay(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone).ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>With seconds and the distance from UTC.</summary>
    public string ExactTime(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
