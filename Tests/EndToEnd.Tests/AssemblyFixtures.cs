using Sweep.EndToEnd.Tests.Stores;
using Sweep.Tests.Browser;
using Sweep.Tests.RabbitMq;
using Sweep.Tests.Servers;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(RabbitMqFixture))]
[assembly: AssemblyFixture(typeof(ChromiumFixture))]
[assembly: AssemblyFixture(typeof(TinyRun))]
