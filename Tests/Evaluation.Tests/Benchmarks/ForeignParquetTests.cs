using Sweep.Evaluation.Benchmarks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

/// <summary>Parquet files that other libraries wrote (Parquet/write.cs): Arrow's C++ writer, which is that of pyarrow, pandas and datasets, and DuckDB's.</summary>
public sealed class ForeignParquetTests
{
    /// <summary>Nested lists in a struct; columns with nulls and of nulls alone beside them.</summary>
    [Theory]
    [InlineData("arrow-snappy")]
    [InlineData("arrow-gzip-plain")]
    [InlineData("arrow-uncompressed-delta")]
    [InlineData("arrow-brotli-row-groups")]
    [InlineData("arrow-lz4")]
    [InlineData("duckdb-snappy")]
    [InlineData("duckdb-gzip")]
    [InlineData("duckdb-zstd-v2")]
    public void Squad_AsServed_IsReadWhoeverWroteIt(string name)
    {
        var items = BenchmarkCatalog.Find("squad").Read(Written(name));

        Assert.Equal(["1", "2", "3"], items.Select(item => item.PublishedId));
        Assert.Equal(["Anna|she", "Bo", "🦊"], items.Select(item => string.Join('|', item.Golds)));
        Assert.Equal("Context: Anna met Bo.\nQuestion: Whom did Anna meet?\nAnswer:", items[1].Prompt);
        Assert.Equal("Context: [\"brackets\"] and ünïcode 🦊\nQuestion: What?\nAnswer:", items[2].Prompt);
        Assert.Equal(items[0].Group, items[1].Group);
        Assert.NotEqual(items[0].Group, items[2].Group);
    }

    [Fact]
    public void Ifeval_ListsOfStructsOfNulls_AreArgumentsThatAreThere()
    {
        var item = Assert.Single(BenchmarkCatalog.Find("ifeval").Read(Written("duckdb-ifeval-zstd")));

        Assert.Equal("1000", item.PublishedId);
        Assert.Empty(item.Instructions![0].Arguments);
        Assert.Equal(["num_words", "relation"], item.Instructions[1].Arguments.Keys.Order());
    }

    [Fact]
    public void Text_PagesOfVersion2_AreRead()
    {
        var items = BenchmarkCatalog.Find("text").Read(Written("arrow-zstd-pages-v2-flat"));

        Assert.Equal(["Anna met Bo.", "Anna met Bo.", "[\"brackets\"] and ünïcode 🦊"], items.Select(item => item.Prompt));
    }

    [Fact]
    public void Squad_ListsInPagesOfVersion2_AreRefusedByName()
    {
        var path = Written("arrow-zstd-pages-v2-lists");
        var refused = Assert.Throws<InvalidDataFileException>(() => BenchmarkCatalog.Find("squad").Read(path));
        Assert.Equal($"{path}: column chunk 5: found a column of lists in data pages of version 2, expected pages of version 1 (what pyarrow writes by default)", refused.Message);
    }

    private static string Written(string name) => Fixtures.Shipped("Tests", "Evaluation.Tests", "Benchmarks", "Parquet", $"{name}.parquet");
}
