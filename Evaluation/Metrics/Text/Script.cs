namespace Sweep.Evaluation.Metrics.Text;

/// <summary>A writing system, as far as it tells languages apart.</summary>
internal enum Script
{
    Arabic,
    Bengali,
    Chinese,
    Cyrillic,
    Devanagari,
    Greek,
    Gujarati,
    Gurmukhi,
    Hangul,
    Hebrew,
    Japanese,
    Kannada,
    Latin,
    Malayalam,
    Tamil,
    Telugu,
    Thai,
}
