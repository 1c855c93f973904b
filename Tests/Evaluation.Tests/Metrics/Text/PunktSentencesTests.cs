using Sweep.Evaluation.Metrics.Text;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics.Text;

/// <summary>Sentences that NLTK's documentation and issue threads show, and the rules of the paper one by one.</summary>
public sealed class PunktSentencesTests
{
    /// <summary>The two examples of nltk.tokenize.punkt's documentation.</summary>
    [Theory]
    [InlineData("Punkt knows that the periods in Mr. Smith and Johann S. Bach\ndo not mark sentence boundaries.  And sometimes sentences\ncan start with non-capitalized words.  i is a good variable\nname.", 3)]
    [InlineData("(How does it deal with this parenthesis?)  \"It should be part of the\nprevious sentence.\" \"(And the same with this one.)\" ('And this one!')\n\"('(And (this)) '?)\" [(and this. )]", 6)]
    public void Count_DocumentedText_IsAsShown(string text, int expected) => Assert.Equal(expected, PunktSentences.Count(text));

    /// <summary>nltk/nltk issues 2376 and 2154.</summary>
    [Theory]
    [InlineData("Both are Latin (and therefore italicized), no need to put e.g. or i.e. in italics when they’re in abbreviated form.", 3)]
    [InlineData("I met David et al. yesterday.", 2)]
    [InlineData("See no. 5 below.", 2)]
    [InlineData("See no.5 below.", 1)]
    public void Count_WordsThatTheModelDoesNotKnow_EndSentences(string text, int expected) => Assert.Equal(expected, PunktSentences.Count(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("   ", 0)]
    [InlineData("no full stop\n\nat all", 1)]
    [InlineData("One.\nTwo.", 2)]
    [InlineData("One.Two.", 1)]
    [InlineData("Wait?! What", 2)]
    [InlineData("He said \"Go.\" Then he went.", 2)]
    [InlineData("1. First\n2. Second", 3)]
    [InlineData("It was 1998. then more", 1)]
    [InlineData("It was 1998. Then more", 2)]
    [InlineData("It costs 3.14 in the U.S. today.", 1)]
    [InlineData("He left the U.S. The rest stayed.", 2)]
    [InlineData("He left the U.S. Senate.", 1)]
    [InlineData("Well... maybe not. Well... Maybe so.", 3)]
    [InlineData("Plan B. Smith said so. Plan J. The end.", 3)]
    [InlineData("vice-gen. Smith came", 1)]
    [InlineData("End.)) (Next one.)", 2)]
    [InlineData("Yes!!! No.", 2)]
    public void Count_Text_FollowsTheRules(string text, int expected) => Assert.Equal(expected, PunktSentences.Count(text));

    /// <summary>NLTK's own note of what is wrong: at the end of a text the last of several marks stands alone.</summary>
    [Theory]
    [InlineData("Yes!!!", 2)]
    [InlineData("Yes. Really?!", 3)]
    [InlineData("Yes!!!\"", 1)]
    public void Count_SeveralMarksAtTheEnd_AreOneSentenceMore(string text, int expected) => Assert.Equal(expected, PunktSentences.Count(text));
}
