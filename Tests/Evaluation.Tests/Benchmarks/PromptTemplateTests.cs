using Sweep.Evaluation.Benchmarks;
using Xunit;

namespace Sweep.Evaluation.Tests.Benchmarks;

public sealed class PromptTemplateTests
{
    [Theory]
    [InlineData("squad", "Context: {context}\nQuestion: {question}\nAnswer:")]
    [InlineData("triviaqa", "Question: {question}\nAnswer:")]
    [InlineData("drop", "Passage: {passage}\nQuestion: {question}\nAnswer:")]
    [InlineData("musique", "Context: {context}\nQuestion: {question}\nAnswer:")]
    [InlineData("ifeval", "{prompt}\nResponse:")]
    public void Template_OfABenchmark_IsTheTextOfVersionOne(string name, string text)
    {
        var template = BenchmarkCatalog.Find(name).Template;
        Assert.Equal(($"{name}-prompt/1", text), (template.Version, template.Text));
    }

    [Fact]
    public void Fill_ContextInTheMiddle_IsCutOutOfThePrompt() => Assert.Equal(
        new FilledPrompt("Context: ", "a {question}", "\nQuestion: {context}?"),
        new PromptTemplate("v", "Context: {context}\nQuestion: {question}?", "context").Fill(("question", "{context}"), ("context", "a {question}")));

    [Fact]
    public void Fill_NoContext_IsAllPrefix() =>
        Assert.Equal(new FilledPrompt("one and two", "", ""), new PromptTemplate("v", "{a} and {b}").Fill(("a", "one"), ("b", "two")));

    [Fact]
    public void Fill_FieldWithoutValue_IsABug() => Assert.Throws<InvalidOperationException>(() => new PromptTemplate("v", "{a}").Fill(("b", "two")));
}
