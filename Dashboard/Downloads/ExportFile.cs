using Sweep.Persistence.Exports;

namespace Sweep.Dashboard.Downloads;

/// <summary>A format of rows as a file.</summary>
/// <param name="Format">What is written.</param>
/// <param name="Type">Its media type.</param>
internal sealed record ExportFile(ExportFormat Format, string Type)
{
    public const string Words = "csv, json or parquet";

    /// <summary>Null: the word is none of <see cref="Words"/>.</summary>
    public static ExportFile? Find(string word) => word switch
    {
        "csv" => new ExportFile(ExportFormat.Csv, "text/csv; charset=utf-8"),
        "json" => new ExportFile(ExportFormat.Json, "application/json"),
        "parquet" => new ExportFile(ExportFormat.Parquet, "application/vnd.apache.parquet"),
        _ => null,
    };
}
