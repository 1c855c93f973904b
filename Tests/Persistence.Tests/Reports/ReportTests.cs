using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;
using Sweep.Contracts.Plans;
using Sweep.Persistence.Reports;
using Sweep.Persistence.Tests.Stores;
using Xunit;

namespace Sweep.Persistence.Tests.Reports;

public sealed partial class ReportTests : IAsyncDisposable
{
    private readonly SqliteHome _home = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Html_Sections_AreTheAnswerFirstThenWhatItRestsOn()
    {
        var page = await PageAsync(new RecordedReport());

        Assert.Equal(["Answer", "m", "Costs and provenance", "Reproduce", "How to read this"], page.Descendants("h2").Select(Text));
        Assert.Equal(["squad on m"], page.Descendants("h3").Select(Text));
        Assert.Equal("en", page.Attribute("lang")!.Value);
        Assert.All(page.Descendants().Where(element => element.Name.LocalName == "svg"), figure => Assert.NotEmpty(figure.Attribute("aria-label")!.Value));
        Assert.Equal(2, page.Descendants().Count(element => element.Name.LocalName == "svg"));
        Assert.All(page.Descendants("table").Where(table => table.Element("thead") is not null), table => Assert.All(table.Element("thead")!.Descendants("th"), cell => Assert.Equal("col", cell.Attribute("scope")!.Value)));
    }

    [Fact]
    public async Task Html_Numbers_AreTheSummarys()
    {
        var page = await PageAsync(new RecordedReport());

        Assert.Equal(
            ["0.5", "67.9", "+34.6", "+12.3 to +56.8", "0.012", "0.034", "better", "-", "1 of 3", "rank only", "+4.6 %"],
            RowOf(page, "Effects on the test split", "b").Select(Text));
        Assert.Equal(["+34.6", "0.0"], RowOf(page, "Effect in points by scalar, test split", "b").Select(Text));
        Assert.Contains(page.Descendants("li").Select(Text), text => text.Contains("b ×0.5 raises squad of m from 33.3 to 67.9 %: +34.6 points (95 % interval +12.3 to +56.8), corrected p 0.034", StringComparison.Ordinal));
        Assert.Contains(page.Descendants("td").Select(Text), text => text == "confirmed");

        // The band is that of the two controls at the same scalar.
        Assert.Contains(page.Descendants().Where(element => element.Name.LocalName == "rect"), band => band.Attribute("class")!.Value == "band");
    }

    [Fact]
    public async Task Html_Responses_AreCountedSteeredAgainstBaseline()
    {
        var page = await PageAsync(new RecordedReport());

        const string Caption = "What the responses look like, steered against baseline, 3 test items";
        Assert.Equal(["33.3", "4.0", "15.3", "33.3 %", "66.7 %", "0.0 %", "0.0 %"], RowOf(page, Caption, "baseline").Select(Text));
        Assert.Equal(["67.9", "1.0", "5.0", "0.0 %", "0.0 %", "100.0 %", "0.0 %"], RowOf(page, Caption, "b ×0.5").Select(Text));
    }

    [Fact]
    public async Task Report_OfASearchInRounds_HasEveryScalarThatWasTried()
    {
        var search = new SearchRecord
        {
            Method = "racing",
            Stage = "s.race-2-0123456789",
            Items = 32,
            Configurations = 3,
            ItemRuns = 400,
            BlockPasses = 500,
            GridItemRuns = 1_600,
            GridBlockPasses = 2_000,
            Rounds = [new SearchRound { Stage = "s.race-1-0123456789", Items = 8, Configurations = 3, ItemRuns = 32 }, new SearchRound { Stage = "s.race-2-0123456789", Items = 32, Configurations = 1, ItemRuns = 48 }],
        };
        var report = await new RecordedReport { Search = search }.ReadAsync(await _home.OpenAsync(), Token);
        var page = XElement.Parse(Html(report).Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));

        const string Caption = "Scalars of b that the search tried on the selection split, effects in points: dropping one saved time and is no finding";
        var tried = page.Descendants("details").Single(details => Text(details.Element("summary")!) == Caption);
        Assert.Equal(
            ["0.5 32 +12.5 chosen", "2 8 diverged dropped after round 1", "3 16 -25.0 dropped after round 2"],
            tried.Descendants("tbody").Single().Elements("tr").Select(row => string.Join(' ', row.Elements().Select(Text))));
        Assert.Contains(page.Descendants("td").Select(Text), text => text == "1 configurations on up to 32 selection items a benchmark, 48 further item runs (s.race-2-0123456789)");
        Assert.Contains("| 3 | 16 | \\-25.0 | dropped after round 2 |", Encoding.UTF8.GetString(ReportWriter.Write(report, ReportFormat.Markdown)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Html_Flips_AreThoseOfTheRows()
    {
        var report = await new RecordedReport().ReadAsync(await _home.OpenAsync(), Token);

        var effect = Assert.Single(Assert.Single(report.Benchmarks).Effects);
        Assert.Equal([new Flip("item-0", 1, 0, "one two one two one two", "right")], effect.Worse.Shown);
        Assert.Equal(2, effect.Better.Count);
        Assert.Equal(["item-1", "item-2"], effect.Better.Shown.Select(flip => flip.Item));
        Assert.Contains("2 wrong to right, 1 right to wrong", Html(report), StringComparison.Ordinal);
        Assert.Contains("""<td class="response"><span class="soft">(empty)</span></td><td class="response">right</td>""", Html(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Html_CrossFittedRow_IsOfEachItemAtItsFoldsScalar()
    {
        var report = await new RecordedReport { IsFolded = true }.ReadAsync(await _home.OpenAsync(), Token);

        var effect = Assert.Single(Assert.Single(report.Benchmarks).Effects);
        Assert.Equal(["item-0"], effect.Worse.Shown.Select(flip => flip.Item));
        Assert.Equal(["item-2"], effect.Better.Shown.Select(flip => flip.Item));
        Assert.False(effect.IsBaseline);

        // "right" twice, and what item-1 answers unsteered.
        Assert.Equal((3, 2), (effect.Responses!.Items, effect.Responses.Cut));
        var page = XDocument.Parse(Html(report)).Root!;
        Assert.Equal("44.4", Text(RowOf(page, "What the responses look like, steered against baseline, 3 test items", "b ×0.5").First()));
        var text = Text(page);
        Assert.Contains("cross-fitted: ×0.5 in 2 of 3 folds, ×1 in 1 of 3 folds", text, StringComparison.Ordinal);
        Assert.Contains("Cross-fitted: each of 3 folds is reported at the scalar that is best on the others (at least 5 items), 3 items in 3 groups.", text, StringComparison.Ordinal);
        Assert.Contains("Where rows are cross-fitted", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Html_HostileTexts_StayTexts()
    {
        var page = await PageAsync(new RecordedReport { Response = RecordedReport.Hostile, Bottleneck = "<b>\"&'</svg>", Statement = "<script>alert(3)</script>" });

        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("img"));
        Assert.Contains(page.Descendants("td").Select(Text), text => text == "</td><script>alert(1)</script><img src=x onerror=alert(2)>&\"'|`[U+202E][U+0000]↵end");
        Assert.Contains(page.Descendants("th").Select(Text), text => text == "<b>\"&'</svg>");
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Html_LongResponse_IsCut()
    {
        var report = await new RecordedReport { Response = new string('é', 5000) }.ReadAsync(await _home.OpenAsync(), Token);

        Assert.Equal(new string('é', 280) + "…", report.Benchmarks[0].Effects[0].Better.Shown[0].Steered);
    }

    [Fact]
    public async Task Html_References_LeadNowhereElse()
    {
        var html = Html(await new RecordedReport().ReadAsync(await _home.OpenAsync(), Token));

        Assert.DoesNotMatch(@"(?i)https?:|url\(|@import|<script|<link|<iframe|<object|\ssrc=", html);
        Assert.All(Reference().Matches(html), match => Assert.StartsWith("#", match.Groups[1].Value, StringComparison.Ordinal));
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        var page = XElement.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(page.Descendants("a"), link => Assert.Contains(link.Attribute("href")!.Value[1..], ids));
    }

    [Theory]
    [InlineData(ReportFormat.Html)]
    [InlineData(ReportFormat.Markdown)]
    [InlineData(ReportFormat.Latex)]
    public async Task Write_SameStore_IsTheSameBytes(ReportFormat format)
    {
        var store = await _home.OpenAsync();
        var recorded = new RecordedReport();
        var first = ReportWriter.Write(await recorded.ReadAsync(store, Token), format);

        var sweep = (await store.FindSweepAsync(Rows.SweepId, Token))!;
        var again = await ReportReader.ReadAsync(await _home.OpenAsync(), sweep, recorded.Resolved, recorded.Summary(), Token);

        Assert.NotEmpty(first);
        Assert.Equal(first, ReportWriter.Write(again, format));
    }

    [Fact]
    public async Task Html_WinnerSteeredInThePromptAlone_IsShownBesideIt()
    {
        var page = await PageAsync(new RecordedReport { WithPrompt = true });

        var rows = page.Descendants("h4").Single(heading => Text(heading) == "Where b ×0.5 acts").Parent!.Descendants("tr").Skip(1).Select(row => string.Join(" | ", row.Elements().Select(Text))).ToArray();
        Assert.Equal(["all | +34.6 | +12.3 to +56.8 | -", "prompt only (in the prompt) | +23.4 | - | -", "generated only | not measured"], rows);
        var missing = Assert.Single(page.Descendants("pre"), block => Text(block).Contains("positions: generated", StringComparison.Ordinal));
        Assert.Equal("""- { name: "b, generated only", scalars: [0.5], parts: [{ layer: 1, site: MixerOutput, operation: scale, positions: generated, channels: [1, 2] }] }""", Text(missing).Trim());
    }

    [Fact]
    public async Task Html_TableCells_HaveACommandEach()
    {
        var recorded = new RecordedReport();
        var report = await recorded.ReadAsync(await _home.OpenAsync(), Token);

        // The baseline, and the bottleneck at both scalars.
        var commands = CommandLine().Matches(Html(report)).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(recorded.Summary().Cells.Where(cell => cell.ControlIndex is null).Select(cell => cell.Jobs.Values.Single().Value[..16]), commands);
    }

    [Fact]
    public async Task Markdown_HostileTexts_StayInTheirCells()
    {
        var report = await new RecordedReport { Response = RecordedReport.Hostile, Bottleneck = "a|b_*[x](y)" }.ReadAsync(await _home.OpenAsync(), Token);

        var lines = Encoding.UTF8.GetString(ReportWriter.Write(report, ReportFormat.Markdown)).Split('\n');
        Assert.DoesNotContain(lines, line => line.Contains('<', StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith(@"| a\|b\_\*\[x\]\(y\) | 0.5 | 67.9 | \+34.6 |", StringComparison.Ordinal));
        var header = 0;
        foreach (var line in lines)
        {
            var columns = Bar().Count(line);
            header = !line.StartsWith('|') ? 0 : header == 0 ? columns : header;
            Assert.Equal(header, line.StartsWith('|') ? columns : 0);
        }
    }

    [Fact]
    public async Task Latex_Names_AreEscaped()
    {
        var report = await new RecordedReport { Bottleneck = @"50%_of & $x {\y}~^#" }.ReadAsync(await _home.OpenAsync(), Token);

        var text = Encoding.UTF8.GetString(ReportWriter.Write(report, ReportFormat.Latex));
        Assert.Contains(
            @" & 50\%\_of \& \$x \{\textbackslash{}y\}\textasciitilde{}\textasciicircum{}\# & 0.5 & 3 & $67.9$ & $+34.6$ & $[+12.3, +56.8]$ & $0.034$ & better \\", text, StringComparison.Ordinal);
        Assert.Equal(text.Count(letter => letter == '{'), text.Count(letter => letter == '}'));
    }

    /// <summary>Every printable ASCII character that means something to LaTeX somewhere, and what a name may have beside ASCII; the table of all of them compiles with pdflatex in OT1 and T1.</summary>
    [Theory]
    [InlineData(@"_ % & # $ { }", @"\_ \% \& \# \$ \{ \}")]
    [InlineData(@"~ ^ \", @"\textasciitilde{} \textasciicircum{} \textbackslash{}")]
    [InlineData("< > | ` ' \"", @"\textless{} \textgreater{} \textbar{} \textasciigrave{} \textquotesingle{} {\char34}")]
    [InlineData("[1pt] *", "{[}1pt{]} {*}")]
    [InlineData("a-b--c---d ,,", "a-b-{}-c-{}-{}-d ,{},")]
    [InlineData(@"\input{x}", @"\textbackslash{}input\{x\}")]
    [InlineData("a\nb\u0000c\u00a0d", "a b c d")]
    [InlineData("Δ × ± − → ≤ ≥ µ é", @"$\Delta$ $\times$ $\pm$ $-$ $\rightarrow$ $\leq$ $\geq$ $\mu$ é")]
    [InlineData("中😀\u202e", "{[}U+4E2D{]}{[}U+1F600{]}{[}U+202E{]}")]
    [InlineData("plain (seed 3): 50/50 + 1 = 2; a@b!?", "plain (seed 3): 50/50 + 1 = 2; a@b!?")]
    public void Latex_Text_IsSetAsItStands(string text, string expected) => Assert.Equal(expected, LatexTable.Escape(text));

    /// <summary>Whatever stands in a name, the result has no comment, no cell or line of its own, and only closed braces.</summary>
    [Fact]
    public void Latex_AnyText_StaysOneCell() => Gen.String.Sample(text =>
    {
        var escaped = LatexTable.Escape(text);
        var bare = Escaped().Replace(escaped, "");
        return !bare.AsSpan().ContainsAny("%&#_~^\\\n\r") && bare.Count(letter => letter == '{') == bare.Count(letter => letter == '}') && bare.Count(letter => letter == '$') % 2 == 0;
    });

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private static string Html(SweepReport report) => Encoding.UTF8.GetString(ReportWriter.Write(report, ReportFormat.Html));

    /// <summary>The page is written so that it is XML too: whatever is not closed or not escaped fails here.</summary>
    private async Task<XElement> PageAsync(RecordedReport recorded) =>
        XElement.Parse(Html(await recorded.ReadAsync(await _home.OpenAsync(), Token)).Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));

    private static IEnumerable<XElement> RowOf(XElement page, string caption, string name) => page.Descendants("table")
        .Single(table => table.Element("caption") is { } found && Text(found) == caption).Descendants("tr")
        .Single(row => row.Element("th") is { } head && head.Nodes().First().ToString() == name).Elements("td");

    private static string Text(XElement element) => Space().Replace(element.Value, " ").Trim();

    [GeneratedRegex("\\s+")]
    private static partial Regex Space();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("<code>sweep replay ([0-9a-f]+)</code>")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    /// <summary>A command, or a character that is escaped.</summary>
    [GeneratedRegex(@"\\([A-Za-z]+|[&%$#_{}])")]
    private static partial Regex Escaped();
}
