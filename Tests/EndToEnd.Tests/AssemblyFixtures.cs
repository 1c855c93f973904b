using Sweep.Tests.RabbitMq;
using Sweep.Tests.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(RabbitMqFixture))]
