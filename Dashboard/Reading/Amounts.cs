using System.Globalization;

namespace Sweep.Dashboard.Reading;

/// <summary>Times, rates and sizes in a few letters.</summary>
internal static class Amounts
{
    public static string Duration(TimeSpan? time) => time switch
    {
        null => "",
        { TotalSeconds: < 60 } brief => $"{Math.Max(0, Math.Ceiling(brief.TotalSeconds)).ToString("0", CultureInfo.InvariantCulture)} s",
        { TotalHours: < 1 } minutes => $"{minutes.Minutes} min {minutes.Seconds:00} s",
        { TotalDays: < 2 } hours => $"{(int)hours.TotalHours} h {hours.Minutes:00} min",
        { } days => $"{(int)days.TotalDays} d {days.Hours} h",
    };

    public static string DeviceTime(double seconds) => Duration(TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(9999).TotalSeconds)));

    public static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Rate(double? value) => value is { } rate ? rate.ToString(rate < 10 ? "0.0" : "#,0", CultureInfo.InvariantCulture) : "–";

    public static string Bytes(long bytes) => bytes <= 0 ? "" : $"{(bytes / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture)} GiB";

    public static string Percent(double? share) => share is { } part ? $"{Math.Floor(100 * part).ToString("0", CultureInfo.InvariantCulture)} %" : "";
}
