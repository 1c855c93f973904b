namespace Sweep.Grains.Tests.Cluster;

/// <summary>The way of calls between grains and workers, where a test can lose a question or an answer.</summary>
internal sealed class LossyNetwork : IOutgoingGrainCallFilter
{
    /// <summary>Decides on every call.</summary>
    public Func<IOutgoingGrainCallContext, Loss> Lose { get; set; } = _ => Loss.Nothing;

    /// <summary>Decides on every answer that came.</summary>
    public Func<IOutgoingGrainCallContext, bool> LoseAnswer { get; set; } = _ => false;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var loss = Lose(context);
        if (loss != Loss.Question)
            await context.Invoke();
        if (loss == Loss.Nothing && LoseAnswer(context))
            loss = Loss.Answer;
        if (loss != Loss.Nothing)
            throw new TimeoutException($"the test lost the {loss} of {context.MethodName}");
    }
}

/// <summary>What of a call is lost; its caller sees a timeout.</summary>
internal enum Loss
{
    Nothing,

    /// <summary>It never arrives.</summary>
    Question,

    /// <summary>It was done.</summary>
    Answer,
}
