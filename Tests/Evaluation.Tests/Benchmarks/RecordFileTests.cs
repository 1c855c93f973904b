using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CsCheck;
using Parquet;
using Parquet.Serialization;
using Sweep.Evaluation.Benchmarks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

/// <summary>The same records as JSON, as JSON lines and as Parquet.</summary>
public sealed class RecordFileTests
{
    private static readonly SquadRow[] Rows =
    [
        new() { id = "1", title = "T", context = "Anna met Bo.", question = "Who met Bo?", answers = new() { text = ["Anna", "she", "Anna"], answer_start = [0, 0, 0] } },
        new() { id = "2", title = "T", context = "Anna met Bo.", question = "Whom did Anna meet?", answers = new() { text = ["Bo"], answer_start = [9] } },
        new() { id = "3", title = "U", context = "[\"brackets\"] and ünïcode 🦊", question = "What?", answers = new() { text = ["🦊"], answer_start = [24] } },
    ];

    [Theory]
    [InlineData("squad.jsonl")]
    [InlineData("squad.json")]
    [InlineData("squad.parquet")]
    public async Task Squad_FlatRecords_AreReadFromEveryContainer(string name)
    {
        using var folder = new TemporaryFolder();
        var items = BenchmarkCatalog.Find("squad").Read(folder.Write(name, await ContentAsync(name, Rows)));
        Assert.Equal(["1", "2", "3"], items.Select(item => item.PublishedId));
        Assert.Equal(["Anna", "she"], items[0].Golds);
        Assert.Equal("Context: [\"brackets\"] and ünïcode 🦊\nQuestion: What?\nAnswer:", items[2].Prompt);
        Assert.Equal(items[0].Group, items[1].Group);
        Assert.NotEqual(items[0].Group, items[2].Group);
    }

    [Fact]
    public void Squad_NestedFileInOneLine_IsReadAsBefore()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("squad.json", """{"data":[{"title":"t","paragraphs":[{"context":"c","qas":[{"id":"7","question":"q","answers":[{"text":"a","answer_start":0}]}]}]}],"version":"1.1"}""");
        Assert.Equal("7", Assert.Single(BenchmarkCatalog.Find("squad").Read(path)).PublishedId);
    }

    [Fact]
    public async Task Ifeval_Parquet_LeavesOutArgumentsThatAreNull()
    {
        IfevalRow[] rows =
        [
            new()
            {
                key = 1000,
                prompt = "Say it without commas, in at least 20 words.",
                instruction_id_list = ["punctuation:no_comma", "length_constraints:number_words"],
                kwargs = [new(), new() { num_words = 20, relation = "at least" }],
            },
        ];
        using var folder = new TemporaryFolder();
        var item = Assert.Single(BenchmarkCatalog.Find("ifeval").Read(folder.Write("ifeval.parquet", await ContentAsync("ifeval.parquet", rows))));
        Assert.Empty(item.Instructions![0].Arguments);
        Assert.Equal(["num_words", "relation"], item.Instructions[1].Arguments.Keys.Order());
    }

    [Theory]
    [InlineData("""{"question":"q","question_id":"tc_1","answer":{"value":"A","aliases":["B"],"normalized_aliases":["b"]}}""")]
    [InlineData("""[{"question":"q","question_id":"tc_1","answer":{"value":"A","aliases":["B"]}}]""")]
    public void TriviaQa_RecordsAsServed_HaveValueAndAliases(string content)
    {
        using var folder = new TemporaryFolder();
        var item = Assert.Single(BenchmarkCatalog.Find("triviaqa").Read(folder.Write("t", content)));
        Assert.Equal(("tc_1", "A|B"), (item.PublishedId, string.Join('|', item.Golds)));
    }

    [Fact]
    public void Drop_RecordsWithColumnsOfValidatedAnswers_HaveThemAll()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("drop.jsonl", """
            {"passage":"p","question":"q","query_id":"x","answer":{"number":"3","date":{"day":"","month":"","year":""},"spans":[]},"validated_answers":{"number":["","4"],"date":[{"day":"2","month":"May","year":""},null],"spans":[[],[]]}}
            {"passage":"p","question":"r","query_id":"y","answer":{"number":"","date":null,"spans":["a","b"]},"validated_answers":[]}
            """);
        var items = BenchmarkCatalog.Find("drop").Read(path);
        Assert.Equal(["3", "2 May", "4"], items[0].Golds);
        Assert.Equal(["a", "b"], Assert.Single(items[1].Answers!));
        Assert.Equal(items[0].Group, items[1].Group);
    }

    [Fact]
    public async Task Text_ParquetRowsOfWikiTextLines_AreJoinedToArticles()
    {
        TextRow[] rows = [.. new[] { "", " = One = \n", "", " Text of one . \n", " = = Part = = \n", " = Two = \n", " Text of two . \n" }.Select(text => new TextRow { text = text })];
        using var folder = new TemporaryFolder();
        var items = BenchmarkCatalog.Find("text").Read(folder.Write("wiki.parquet", await ContentAsync("wiki.parquet", rows)));
        Assert.Equal(2, items.Count);
        Assert.Contains("= = Part = =", items[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_MissingColumn_NamesRowAndColumn()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.parquet", await ContentAsync("t.parquet", [new TextRow { text = "a" }]));
        var refused = Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("musique").Read(path));
        Assert.Equal($"{path}: row 1.paragraphs: found nothing, expected a value", refused.Message);
    }

    /// <summary>A decoder that believed the count would go round two thousand million times.</summary>
    [Fact]
    public async Task Parquet_CountThatTheFooterCannotHold_IsRefusedAtOnce()
    {
        using var folder = new TemporaryFolder();
        var whole = await ContentAsync("squad.parquet", Rows);
        var length = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(whole.Length - 8));
        var footer = whole.AsSpan(whole.Length - 8 - length, length).ToArray();

        // version: i32, then the list of schema elements, whose count is in the upper half of the byte.
        Assert.Equal((0x15, 0x19, 12), (footer[0], footer[2], footer[3] & 15));
        byte[] huge = [.. footer[..3], 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, .. footer[4..]];
        byte[] mutant = [.. whole[..^(8 + length)], .. huge, .. BitConverter.GetBytes(huge.Length), .. "PAR1"u8];
        var path = folder.Write("huge.parquet", mutant);
        Assert.Equal($"{path}: footer: found what cannot be read as Parquet, expected a whole Parquet file", Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("squad").Read(path)).Message);
    }

    /// <summary>Cut, flipped or overwritten bytes anywhere, the footer's own length among them.</summary>
    [Fact]
    public async Task Parquet_BrokenBytes_AreReadOrRefusedWithTheFile()
    {
        using var folder = new TemporaryFolder();
        var whole = await ContentAsync("squad.parquet", Rows);
        var next = 0;
        Gen.Select(Gen.Double[0, 1], Gen.Byte.Array[1, 8], Gen.Int[0, 2]).Sample((share, values, kind) =>
        {
            var at = (int)(share * (whole.Length - 1));
            byte[] mutant = kind switch
            {
                0 => whole[..at],
                1 => [.. whole[..at], .. values, .. whole[Math.Min(whole.Length, at + values.Length)..]],
                _ => [.. whole[..at], .. values, .. whole[at..]],
            };
            var path = folder.Write($"{Interlocked.Increment(ref next)}.parquet", mutant);
            try
            {
                Assert.NotEmpty(BenchmarkCatalog.Find("squad").Read(path));
            }
            catch (InvalidDataFileException refused)
            {
                Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
            }
        }, iter: 1000);
    }

    private static async Task<byte[]> ContentAsync<T>(string name, T[] rows)
    {
        switch (Path.GetExtension(name))
        {
            case ".jsonl":
                return Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => JsonSerializer.Serialize(row))));
            case ".json":
                return JsonSerializer.SerializeToUtf8Bytes(rows, new JsonSerializerOptions { WriteIndented = true });
            default:
                using (var stream = new MemoryStream())
                {
                    await ParquetSerializer.SerializeAsync(rows, stream, new ParquetOptions { RowGroupSize = 2 }, cancellationToken: TestContext.Current.CancellationToken);
                    return stream.ToArray();
                }
        }
    }

#pragma warning disable IDE1006, CS8981 // Columns are named as they are published.
    private sealed class SquadRow
    {
        public string? id { get; set; }

        public string? title { get; set; }

        public string? context { get; set; }

        public string? question { get; set; }

        public SquadAnswers? answers { get; set; }
    }

    private sealed class SquadAnswers
    {
        public List<string>? text { get; set; }

        public List<int>? answer_start { get; set; }
    }

    private sealed class IfevalRow
    {
        public int key { get; set; }

        public string? prompt { get; set; }

        public List<string>? instruction_id_list { get; set; }

        public List<IfevalArguments>? kwargs { get; set; }
    }

    private sealed class IfevalArguments
    {
        public int? num_words { get; set; }

        public string? relation { get; set; }

        public List<string>? keywords { get; set; }
    }

    private sealed class TextRow
    {
        public string? text { get; set; }
    }
#pragma warning restore IDE1006, CS8981
}
