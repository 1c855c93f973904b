using System.Text;
using CsCheck;
using Sweep.Execution.Running;
using Sweep.Execution.Tests.Stubs;

namespace Sweep.Execution.Tests.Running;

public sealed class StopRuleTests
{
    [Fact]
    public void IsFinished_FirstTrue_IsWhereCutFindsTheStop() =>
        Gen.Char["abc\n"].Array[0, 30].Sample(characters =>
        {
            var rule = new StopRule(["\n", "abc"], new ByteCodec());
            var tokens = new ByteCodec().Encode(new string(characters));
            var length = Enumerable.Range(1, tokens.Count).FirstOrDefault(count => rule.IsFinished!([.. tokens.Take(count)]));
            var (response, stopped) = rule.Cut(length == 0 ? tokens : [.. tokens.Take(length)]);
            var text = Encoding.UTF8.GetString(response);
            return stopped == length > 0 && !text.Contains('\n') && !text.Contains("abc");
        });

    [Fact]
    public void IsFinished_NoStops_IsNull() => Assert.Null(new StopRule([], new ByteCodec()).IsFinished);
}
