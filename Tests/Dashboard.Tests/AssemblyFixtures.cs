using Sweep.Tests.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
