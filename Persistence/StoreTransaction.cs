using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Sweep.Persistence.Ledger;

namespace Sweep.Persistence;

/// <summary>The open connection and transaction of a write.</summary>
internal readonly record struct StoreTransaction(SweepDbContext Context, DbConnection Connection, DbTransaction Transaction)
{
    public static StoreTransaction Of(SweepDbContext context) => new(context, context.Database.GetDbConnection(), context.Database.CurrentTransaction!.GetDbTransaction());

    public DbCommand Command(string text) => Connection.Command(Transaction, text);

    /// <summary>One that may take as long as it takes, see <see cref="StoreDialect.TakeTimeAsync"/>.</summary>
    public DbCommand LongCommand(string text)
    {
        var command = Command(text);
        command.CommandTimeout = 0;
        return command;
    }
}
