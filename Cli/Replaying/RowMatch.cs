namespace Sweep.Cli.Replaying;

/// <summary>How a row that was run again compares with the recorded one.</summary>
internal enum RowMatch
{
    /// <summary>Bit for bit the same.</summary>
    Same,

    /// <summary>Where packing matters: the same outcome, and numbers within what packing may move them.</summary>
    Near,

    /// <summary>Where packing matters: another outcome (response, score, divergence), and the rest as <see cref="Near"/>.</summary>
    Flipped,

    /// <summary>Another result.</summary>
    Different,
}
