using Sweep.Contracts.Grains;

namespace Sweep.Hosting.Clustering;

/// <summary>
/// Makes every exception that leaves a grain one that its caller can read: those of .NET and Orleans go as they are, any other (a database driver's, with what it holds)
/// becomes a <see cref="GrainCallFailedException"/> with its message.
/// </summary>
internal sealed class GrainBorder : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception exception) when (!Travels(exception))
        {
            throw new GrainCallFailedException(exception.Message, exception.GetType().FullName!);
        }
    }

    internal static bool Travels(Exception exception) => exception switch
    {
        GrainCallFailedException => true,
        AggregateException aggregate => aggregate.InnerExceptions.All(Travels),
        _ => IsCommon(exception.GetType()) && (exception.InnerException is null || Travels(exception.InnerException)),
    };

    private static bool IsCommon(Type type) =>
        type.Assembly == typeof(object).Assembly || type.Assembly.GetName().Name!.StartsWith("Orleans.", StringComparison.Ordinal);
}
