using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Sweep.Models.Cuda;
using Xunit;

namespace Sweep.Models.Tests.Cuda;

/// <summary>The structs that kernels are launched with have the fields of the kernels' sources, in their order and of their sizes.</summary>
public sealed partial class KernelArgumentsTests
{
    [Theory]
    [InlineData("convolution", typeof(ConvolutionArguments))]
    [InlineData("scan", typeof(ScanArguments))]
    [InlineData("mixer", typeof(MixerArguments))]
    [InlineData("product", typeof(ProductArguments))]
    [InlineData("elementwise", typeof(ElementwiseArguments))]
    [InlineData("norm", typeof(NormArguments))]
    [InlineData("rows", typeof(GatherArguments))]
    [InlineData("rows", typeof(EmbedArguments))]
    [InlineData("steer", typeof(Touch))]
    [InlineData("steer", typeof(SteerArguments))]
    [InlineData("score", typeof(ScoreArguments))]
    [InlineData("score", typeof(ChooseArguments))]
    [InlineData("score", typeof(CompareArguments))]
    public void Fields_OfAnArgumentStruct_AreThoseOfTheSource(string source, Type type)
    {
        var body = Regex.Match(CudaContext.Source(source), $@"struct {type.Name}\s*\{{(.*?)\n\}};", RegexOptions.Singleline).Groups[1].Value;
        var expected = Comments().Replace(body, "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(Declared).ToArray();
        var found = type.GetFields(BindingFlags.Public | BindingFlags.Instance).Select(field => (field.Name.ToLowerInvariant(), Marshal.SizeOf(field.FieldType))).ToArray();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, found);
    }

    /// <summary>"const float* a", "int rows, length": the lower-case names and their bytes.</summary>
    private static IEnumerable<(string Name, int Bytes)> Declared(string declaration)
    {
        var names = declaration.Split(',', StringSplitOptions.TrimEntries);
        var first = names[0].LastIndexOf(' ');
        var type = names[0][..first];
        var bytes = type.Contains('*', StringComparison.Ordinal) || type == "i64" ? 8 : 4;
        return names.Select((name, index) => ((index == 0 ? name[(first + 1)..] : name).ToLowerInvariant(), bytes));
    }

    [GeneratedRegex("//.*")]
    private static partial Regex Comments();
}
