using Microsoft.Extensions.Logging;

namespace Sweep.Grains.Workers;

internal sealed partial class DeviceWorker
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Worker {WorkerId}: no answer to a pull ({Reason}); trying again")]
    private partial void LogPullFailed(string workerId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker {WorkerId}: {Work} could not be renewed ({Reason}); trying again")]
    private partial void LogRenewFailed(string workerId, string work, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker {WorkerId}: {Work} could not be reported ({Reason})")]
    private partial void LogReportFailed(string workerId, string work, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker {WorkerId}: the lease of {Work} is lost, nothing more is written")]
    private partial void LogLeaseLost(string workerId, string work);

    [LoggerMessage(Level = LogLevel.Information, Message = "Worker {WorkerId}: {Work} was stopped")]
    private partial void LogStopped(string workerId, string work);

    [LoggerMessage(Level = LogLevel.Information, Message = "Worker {WorkerId}: gives {Work} back ({Reason})")]
    private partial void LogGivenBack(string workerId, string work, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker {WorkerId}: {Work} failed")]
    private partial void LogWorkFailed(Exception exception, string workerId, string work);
}
