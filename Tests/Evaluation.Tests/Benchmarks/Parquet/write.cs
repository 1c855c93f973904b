#:package ParquetSharp@25.0.1.2
#:package DuckDB.NET.Data.Full@1.5.6.1
#:property ManagePackageVersionsCentrally=false
#:property TreatWarningsAsErrors=false

// Writes the Parquet files beside it with libraries that are not the one that reads them: Apache Arrow's C++ writer (that of pyarrow, pandas and Hugging Face's datasets) and DuckDB's.
// dotnet run Tests/Evaluation.Tests/Benchmarks/Parquet/write.cs FOLDER
using Apache.Arrow;
using Apache.Arrow.Types;
using DuckDB.NET.Data;
using ParquetSharp;

var folder = args.Length == 1 ? args[0] : throw new ArgumentException("expected the folder to write into");

// SQuAD as it is served: answers are a struct of two lists. One column is null in some rows, one in all.
Arrow("arrow-snappy", properties => properties.Compression(Compression.Snappy));
Arrow("arrow-gzip-plain", properties => properties.Compression(Compression.Gzip).DisableDictionary());
Arrow("arrow-zstd-pages-v2-lists", properties => properties.Compression(Compression.Zstd).Version(ParquetVersion.PARQUET_2_6).DataPageVersion(ParquetDataPageVersion.V2));
Arrow("arrow-zstd-pages-v2-flat", properties => properties.Compression(Compression.Zstd).DataPageVersion(ParquetDataPageVersion.V2), withLists: false);
Arrow("arrow-uncompressed-delta", properties => properties.Compression(Compression.Uncompressed).DisableDictionary().Encoding("context", Encoding.DeltaByteArray).Encoding("question", Encoding.DeltaLengthByteArray));
Arrow("arrow-brotli-row-groups", properties => properties.Compression(Compression.Brotli), rowGroup: 1);
Arrow("arrow-lz4", properties => properties.Compression(Compression.Lz4));

const string Squad = """
    SELECT * FROM (VALUES
      ('1', 'T', 'Anna met Bo.', 'Who met Bo?', {'text': ['Anna', 'she', 'Anna'], 'answer_start': [0, 0, 0]::INTEGER[]}, 'a', NULL::VARCHAR),
      ('2', 'T', 'Anna met Bo.', 'Whom did Anna meet?', {'text': ['Bo'], 'answer_start': [9]::INTEGER[]}, NULL, NULL),
      ('3', 'U', '["brackets"] and ünïcode 🦊', 'What?', {'text': ['🦊'], 'answer_start': [24]::INTEGER[]}, 'c', NULL)
    ) AS rows(id, title, context, question, answers, note, nothing)
    """;
DuckDb("duckdb-snappy", Squad, "COMPRESSION snappy");
DuckDb("duckdb-gzip", Squad, "COMPRESSION gzip");
DuckDb("duckdb-zstd-v2", Squad, "COMPRESSION zstd, PARQUET_VERSION V2");

// Lists of structs whose members are null, one of them a list.
DuckDb("duckdb-ifeval-zstd", """
    SELECT 1000 AS key, 'Say it without commas, in at least 20 words.' AS prompt, ['punctuation:no_comma', 'length_constraints:number_words'] AS instruction_id_list,
      [{'num_words': NULL::INTEGER, 'relation': NULL::VARCHAR, 'keywords': NULL::VARCHAR[]}, {'num_words': 20, 'relation': 'at least', 'keywords': NULL}] AS kwargs
    """, "COMPRESSION zstd");

void Arrow(string name, Func<WriterPropertiesBuilder, WriterPropertiesBuilder> set, int rowGroup = 100, bool withLists = true)
{
    static StringArray Texts(params string?[] texts)
    {
        var builder = new StringArray.Builder();
        foreach (var text in texts)
            _ = text is null ? builder.AppendNull() : builder.Append(text);
        return builder.Build();
    }

    var answers = new ListArray.Builder(StringType.Default);
    var starts = new ListArray.Builder(Int32Type.Default);
    foreach (var (texts, at) in new (string[], int[])[] { (["Anna", "she", "Anna"], [0, 0, 0]), (["Bo"], [9]), (["🦊"], [24]) })
    {
        answers.Append();
        starts.Append();
        foreach (var text in texts)
            ((StringArray.Builder)answers.ValueBuilder).Append(text);
        foreach (var start in at)
            ((Int32Array.Builder)starts.ValueBuilder).Append(start);
    }

    var (texted, started) = (answers.Build(), starts.Build());
    var both = new StructType([new Field("text", texted.Data.DataType, nullable: true), new Field("answer_start", started.Data.DataType, nullable: true)]);
    IArrowArray[] columns =
    [
        Texts("1", "2", "3"), Texts("T", "T", "U"), Texts("Anna met Bo.", "Anna met Bo.", "[\"brackets\"] and ünïcode 🦊"), Texts("Who met Bo?", "Whom did Anna meet?", "What?"),
        new StructArray(both, 3, [texted, started], ArrowBuffer.Empty, 0), Texts("a", null, "c"), Texts(null, null, null),
    ];
    string[] names = ["id", "title", "context", "question", "answers", "note", "nothing"];
    if (!withLists)
        (names, columns) = (["text", "note", "nothing"], [columns[2], columns[5], columns[6]]);
    var schema = new Schema([.. names.Zip(columns, (column, array) => new Field(column, array.Data.DataType, nullable: true))], metadata: null);
    using var written = set(new WriterPropertiesBuilder()).Build();
    using var arrow = new ParquetSharp.Arrow.ArrowWriterPropertiesBuilder().StoreSchema().Build();
    using var writer = new ParquetSharp.Arrow.FileWriter(Path.Combine(folder, $"{name}.parquet"), schema, written, arrow);
    writer.WriteRecordBatch(new RecordBatch(schema, columns, 3), rowGroup);
    writer.Close();
}

void DuckDb(string name, string query, string options)
{
    using var connection = new DuckDBConnection("DataSource=:memory:");
    connection.Open();
    using var command = connection.CreateCommand();
    command.CommandText = $"COPY ({query}) TO '{Path.Combine(folder, $"{name}.parquet")}' (FORMAT parquet, {options})";
    command.ExecuteNonQuery();
}
