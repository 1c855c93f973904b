using System.Text;
using CsCheck;
using Sweep.Execution.Benchmarks;
using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Running;

public sealed class PromptBuilderTests
{
    private static readonly ByteCodec Codec = new();

    [Fact]
    public void Build_AnyLimit_CutsTheEndOfTheContextAndNothingElse() =>
        Gen.Select(Gen.String[0, 60], Gen.String[0, 20], Gen.Int[0, 120]).Sample((context, question, limit) =>
        {
            // A lone surrogate has no UTF-8 of its own.
            if (!IsWellFormed(context) || !IsWellFormed(question))
                return true;
            var item = Item(context, question);
            var prompt = PromptBuilder.Build(item, Codec, limit, 1, out var problem);
            var around = Encoding.UTF8.GetByteCount(item.Prefix + item.Suffix);
            if (prompt is null)
                return around > limit && problem.Contains("context");
            var text = Encoding.UTF8.GetString(Codec.DecodeBytes(prompt.Tokens));
            var kept = text[item.Prefix.Length..^item.Suffix.Length];
            var whole = Encoding.UTF8.GetByteCount(item.Prefix + context + item.Suffix);
            return prompt.Tokens.Count <= limit
                && text.StartsWith(item.Prefix) && text.EndsWith(item.Suffix)
                && context.StartsWith(kept, StringComparison.Ordinal)
                && prompt.Truncated == whole > limit
                && (!prompt.Truncated || limit - prompt.Tokens.Count < 4);
        });

    [Fact]
    public void Build_QuestionLongerThanTheLimit_SaysSo()
    {
        Assert.Null(PromptBuilder.Build(Item("some context", new string('q', 50)), Codec, 20, 1, out var problem));
        Assert.Equal("item i: its prompt without any context is still longer than the context limit of 20 tokens", problem);
    }

    [Fact]
    public void Hash_OfTokens_IsSixteenDigitsAndDiffers()
    {
        var one = PromptBuilder.Build(Item("a", "b"), Codec, null, 1, out _)!.Hash;
        Assert.Equal(16, one.Length);
        Assert.NotEqual(one, PromptBuilder.Build(Item("a", "c"), Codec, null, 1, out _)!.Hash);
    }

    private static BenchmarkItem Item(string context, string question) => new()
    {
        Id = "i",
        Group = "g",
        Prefix = "Context: ",
        Context = context,
        Suffix = $"\nQuestion: {question}\nAnswer:",
        Continuations = [],
        Documents = [],
    };

    private static bool IsWellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
