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
}
