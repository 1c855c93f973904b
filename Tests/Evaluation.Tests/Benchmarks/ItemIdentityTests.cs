using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Sweep.Evaluation.Benchmarks;
using Sweep.Tests;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

public sealed class ItemIdentityTests
{
    /// <summary>
    /// SHA-256 over all prompts of the shipped files, each followed by a zero byte, as version 1 writes them. A change of any prompt must come with a new version of its template,
    /// else stored results of the old wording would be taken for results of the new one.
    /// </summary>
    [Theory]
    [InlineData("squad", "squad.json", "squad-prompt/1", "7b1849fc79abed1e")]
    [InlineData("triviaqa", "triviaqa.json", "triviaqa-prompt/1", "c3678e3c02544b02")]
    [InlineData("drop", "drop.json", "drop-prompt/1", "0c1adbcebb0732d3")]
    [InlineData("musique", "musique.jsonl", "musique-prompt/1", "bbe1fa0ad42cf540")]
    [InlineData("ruler", "ruler.jsonl", "ruler-prompt/1", "848b5ffed345c33f")]
    [InlineData("ifeval", "ifeval.jsonl", "ifeval-prompt/1", "0735e66384ac8874")]
    public void Prompt_OfEveryShippedItem_IsThatOfItsVersion(string name, string file, string version, string hash)
    {
        var benchmark = BenchmarkCatalog.Find(name);
        var prompts = string.Concat(benchmark.Read(Fixtures.Shipped("benchmarks", "mini", file)).Select(item => item.Prompt + "\0"));
        Assert.Equal((version, hash), (benchmark.Template.Version, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prompts)))[..16]));
    }

    /// <summary>The same question about two passages, without usable ids: what tells them apart must not be their place in the file.</summary>
    [Fact]
    public void Id_OfEqualQuestionsOnTwoPassages_DependsOnThePassage()
    {
        const string Pair = """{"question":"Who?","answer":{"number":"","date":{},"spans":["x"]}}""";
        var a = "\"p1\":{\"passage\":\"First.\",\"qa_pairs\":[" + Pair + "]}";
        var b = "\"p2\":{\"passage\":\"Second.\",\"qa_pairs\":[" + Pair + "]}";
        var forward = Records($"{{{a},{b}}}");
        var backward = Records($"{{{b},{a}}}");
        Assert.Equal(forward.Keys.Order(StringComparer.Ordinal), backward.Keys.Order(StringComparer.Ordinal));
        Assert.All(forward, pair => Assert.Equal(pair.Value, backward[pair.Key]));

        static Dictionary<string, string> Records(string json)
        {
            using var folder = new TemporaryFolder();
            return BenchmarkCatalog.Find("drop").Read(folder.Write("drop.json", json)).ToDictionary(item => item.Id.Split(':', 2)[1], item => item.Context);
        }
    }

    [Fact]
    public void Id_OfARecord_IgnoresItsSpacesAndFieldOrder()
    {
        Assert.Equal(Id("""{"index":0,"input":"a","outputs":["b"]}"""), Id("""{ "outputs": ["b"], "input": "a", "index": 0 }"""));
        Assert.NotEqual(Id("""{"index":0,"input":"a","outputs":["b"]}"""), Id("""{"index":0,"input":"a","outputs":["c"]}"""));

        static string Id(string line)
        {
            using var folder = new TemporaryFolder();
            return BenchmarkCatalog.Find("ruler").Read(folder.Write("r.jsonl", line))[0].Id.Split(':', 2)[1];
        }
    }

    [Fact]
    public void Choose_WithShares_IsBalancedAtEveryLimitAndOnlyAddsItems()
    {
        var items = BenchmarkCatalog.Find("squad").Read(Fixtures.Shipped("benchmarks", "mini", "squad.json"));
        Gen.Select(Gen.Int[1, 120], Gen.Long[0, 1000]).Sample((limit, seed) =>
        {
            var chosen = ItemOrder.Choose(items, limit, seed, 0.5, 0);
            var selecting = chosen.Count(item => ItemOrder.SplitPosition(item.Group, seed) < 0.5);
            Assert.Equal(limit, chosen.Count);
            Assert.InRange(selecting, limit / 2, (limit + 1) / 2);
            Assert.Equal(chosen, ItemOrder.Choose([.. items.Reverse()], limit + 1, seed, 0.5, 0).Take(limit));
        }, iter: 60);
    }

    [Fact]
    public void Choose_SharesAndNoLimit_TakesEveryItemOnce()
    {
        var items = BenchmarkCatalog.Find("triviaqa").Read(Fixtures.Shipped("benchmarks", "mini", "triviaqa.json"));
        var chosen = ItemOrder.Choose(items, null, 3, 0.2, 0.3);
        Assert.Equal(items.Select(item => item.Id).Order(StringComparer.Ordinal), chosen.Select(item => item.Id).Order(StringComparer.Ordinal));
    }

    /// <summary>SQuAD dev's questions belong to 2,067 passages; DPR's TriviaQA has no ids and asks each question once.</summary>
    [Theory]
    [InlineData("squad", "dev-v1.1.json", 2067)]
    [InlineData("triviaqa", "topics.dpr.trivia.test.txt", 11313)]
    [InlineData("musique", "musique_ans_dev_200sample.jsonl", 200)]
    public void Split_OfAPublicFile_NeverCutsAGroupAndHangsOnNeitherOrderNorLimit(string name, string file, int groups)
    {
        var items = BenchmarkCatalog.Find(name).Read(Fixtures.Data(name, file));
        Assert.Equal(items.Count, items.DistinctBy(item => item.Id).Count());
        Assert.Equal(groups, items.DistinctBy(item => item.Group).Count());
        var splits = items.GroupBy(item => item.Group).Select(group => group.Select(item => ItemOrder.SplitPosition(item.Group, 4) < 0.5).Distinct().Count());
        Assert.All(splits, count => Assert.Equal(1, count));
        var few = ItemOrder.Choose([.. items.Reverse()], 50, 4, 0.5, 0);
        Assert.Equal(ItemOrder.Choose(items, 100, 4, 0.5, 0).Take(50), few);
        Assert.Equal(25, few.Count(item => ItemOrder.SplitPosition(item.Group, 4) < 0.5));
    }
}
