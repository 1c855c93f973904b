using System.Text;
using Sweep.Persistence.Reports.Html;

namespace Sweep.Persistence.Reports;

/// <summary>Formats of a report.</summary>
public enum ReportFormat
{
    Html,
    Markdown,
    Latex,
}

/// <summary>Writes a report: the same rows give the same bytes.</summary>
public static class ReportWriter
{
    public static byte[] Write(SweepReport report, ReportFormat format) => Encoding.UTF8.GetBytes(format switch
    {
        ReportFormat.Html => HtmlReport.Write(report),
        ReportFormat.Markdown => MarkdownReport.Write(report),
        ReportFormat.Latex => LatexTable.Write(report),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "expected Html, Markdown or Latex"),
    });

    /// <summary>Of a file's name, without the dot.</summary>
    public static string ExtensionOf(ReportFormat format) => format switch
    {
        ReportFormat.Html => "html",
        ReportFormat.Markdown => "md",
        ReportFormat.Latex => "tex",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "expected Html, Markdown or Latex"),
    };
}
