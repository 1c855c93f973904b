using System.Runtime.InteropServices;

namespace Sweep.Models.Cuda;

// The argument structs of the kernels, field for field as their sources have them.

[StructLayout(LayoutKind.Sequential)]
internal struct ConvolutionArguments
{
    public nint Input, Weight, Bias, State, Slots, Spans, Output;
    public long RowStride;
    public int StepStride, Rows, Length, Width, Piece;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ScanArguments
{
    public nint H, Delta, B, C, Z, A, D, DeltaScale, OutputScale, GateScale, State, Slots, Spans, Only, Output;
    public long HRow, DeltaRow, BRow, ZRow;
    public int HStep, DeltaStep, BStep, ZStep, Rows, Length, Width;
}

[StructLayout(LayoutKind.Sequential)]
internal struct MixerArguments
{
    public nint Input, Projected, Slots, Delta, DeltaBias, A, D, State, Output, Ranges, NextWindow, NextState;
    public int Rows, InputStep, RangeCount;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ProductArguments
{
    public nint X, Weight, Bias, Y, Taps, TapsBias, Window, Slots;
    public int Rows, XStep, Outputs;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ElementwiseArguments
{
    public nint X;
    public long XStep;
    public nint Y;
    public long YStep;
    public nint Output;
    public long Steps;
    public int Width, Kind;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NormArguments
{
    public nint Residual, RowMap, Mixed, Sum, Weight, Normal, Watch, Spans;
    public int Rows, Length, MixedStep;
    public float Epsilon;
}

[StructLayout(LayoutKind.Sequential)]
internal struct GatherArguments
{
    public nint Source, Rows, Targets, Target;
    public long RowStride, StepStride, Bytes;
    public int Count, Steps;
}

[StructLayout(LayoutKind.Sequential)]
internal struct EmbedArguments
{
    public nint Tokens, Embedding, Output;
    public long Positions;
    public int Width, Vocabulary;
}

[StructLayout(LayoutKind.Sequential)]
internal struct Touch
{
    public int Row, ResidualRow, From, To, PromptTo;
    public int Operation, HasRatio;
    public float Factor;
    public int Channels, ChannelCount, Values;
    public int Before, Flags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct SteerArguments
{
    public nint X, Residual, Touches, Channels, Values, Before, Measured, Flags;
    public long XRow;
    public int XStep, Width, ResidualWidth, Length;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ScoreArguments
{
    public nint Logits, TargetEnds, Targets, TargetLogProbabilities, Normalizers, Likeliest, Finite;
    public int Vocabulary, Stride;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ChooseArguments
{
    public nint Logits, Watch, Tokens, Results;
    public int Vocabulary, Stride, Rows, Layers;
}

[StructLayout(LayoutKind.Sequential)]
internal struct CompareArguments
{
    public nint Logits, Normalizers, References, ReferenceNormalizers, Kl;
    public int Vocabulary, Stride;
}
