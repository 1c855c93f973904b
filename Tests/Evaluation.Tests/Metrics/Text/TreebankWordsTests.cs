using Sweep.Evaluation.Metrics.Text;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics.Text;

public sealed class TreebankWordsTests
{
    /// <summary>Contractions and marks as NLTKWordTokenizer cuts them, less the punctuation.</summary>
    [Theory]
    [InlineData("children's parents' won't I'm he'll cannot gonna", "children 's parents' wo n't I 'm he 'll can not gon na")]
    [InlineData("Good muffins cost $3.88 (roughly 3,36 euros)", "Good muffins cost 3.88 roughly 3,36 euros")]
    [InlineData("A:B 9:30 a/b well-known U.S. end...more", "A B 9:30 a/b well-known U.S. end more")]
    [InlineData("“Quoted” DON’T --dash", "Quoted DON T dash")]
    [InlineData("'TIS MORE'N", "'T IS MORE 'N")]
    public void Split_Text_IsCutAsInTheTreebank(string text, string expected) => Assert.Equal(expected, string.Join(' ', TreebankWords.Split(text)));
}
