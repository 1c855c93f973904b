using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Sweep.Contracts.Dispatch;
using Sweep.Execution.Devices;
using Sweep.Grains.Placement;
using Sweep.Hosting;
using Xunit;

namespace Sweep.Cluster.Tests.Settings;

public sealed class SiloOptionsTests
{
    private const string Database = "Host=db;Username=sweep;Database=sweep";

    [Fact]
    public void Read_OfNothing_IsASiloAloneOnLoopbackWithOneProcessor()
    {
        var options = Read();
        Assert.Equal((SiloRoles.All, "localhost", "sqlite"), (options.HostedRoles, options.Clustering, options.Store.Provider));
        Assert.Equal(["cpu:0"], options.Worker.Devices);
        Assert.True(System.Net.IPAddress.IsLoopback(options.Network.Listening));
        Assert.Equal(TimeSpan.FromSeconds(30), options.ResponseTimeout);
    }

    [Fact]
    public void Read_OfLists_TakesThemByEntryOrWithCommasAndInPlaceOfTheDefault()
    {
        var entries = Read(("Sweep:Silo:Roles:0", "worker"), ("Sweep:Worker:Devices:0", "cpu:1"), ("Sweep:Worker:Devices:1", "cuda:all"), ("Sweep:Silo:Clustering", "postgres"), ("Sweep:Store:Provider", "postgres"), ("Sweep:Store:ConnectionString", Database));
        Assert.Equal(SiloRoles.Worker, entries.HostedRoles);
        Assert.Equal(["cpu:1", "cuda:0", "cuda:1"], entries.Worker.Devices);
        Assert.Equal(TimeSpan.FromSeconds(5), entries.ResponseTimeout);

        var commas = Read(("Sweep:Silo:Roles", "worker, coordinator"), ("Sweep:Worker:Devices", "cuda:1,cpu"));
        Assert.Equal(SiloRoles.All, commas.HostedRoles);
        Assert.Equal(["cuda:1", "cpu:0"], commas.Worker.Devices);
    }

    [Fact]
    public void Read_OfAnInternalNetwork_ListensEverywhereAndNeedsNoAddress()
    {
        var options = Read(("Sweep:Network:Internal", "true"));
        Assert.Equal(System.Net.IPAddress.Any, options.Network.Listening);
        Assert.Equal(System.Net.IPAddress.Parse("10.1.2.3"), Read(("Sweep:Network:Internal", "true"), ("Sweep:Network:Address", "10.1.2.3")).Network.Advertised);
    }

    [Fact]
    public void Read_OfBrokenSettings_NamesEveryOneAtOnce()
    {
        var problems = Problems(
            ("Sweep:Silo:Roles", "boss"),
            ("Sweep:Silo:Clustering", "cloud"),
            ("Sweep:Silo:Membership", "slow"),
            ("Sweep:Silo:ClusterId", " "),
            ("Sweep:Silo:SiloPort", "70000"),
            ("Sweep:Silo:ResponseTimeoutSeconds", "0"),
            ("Sweep:Network:Address", "here"),
            ("Sweep:Store:Provider", "mysql"),
            ("Sweep:Telemetry:LogFormat", "xml"),
            ("Sweep:OrleansDashboard:Token", "short"),
            ("Sweep:Worker:Devices", "cuda:7"),
            ("Sweep:Worker:DrainSeconds", "-1"),
            ("Sweep:Dispatch:LeaseSeconds", "0"),
            ("Sweep:Store:ConnectoinString", "x"));
        Assert.Equal(
            [
                "Sweep:Store:ConnectoinString (environment variable Sweep__Store__ConnectoinString) is no setting, expected one of Provider, Path, ConnectionString, StatementTimeoutSeconds, Retries",
                "Sweep:Worker:Devices[0] is 'cuda:7', found 2 CUDA devices, expected cuda:0 to cuda:1",
                "Sweep:Silo:Roles holds 'boss', expected coordinator, worker or both",
                "Sweep:Silo:Clustering is 'cloud', expected localhost or postgres",
                "Sweep:Silo:Membership is 'slow', expected standard or fast",
                "Sweep:Silo:ClusterId is empty, expected a name",
                "Sweep:Silo:SiloPort is 70000, expected 0 (a free port) to 65535",
                "Sweep:Silo:ResponseTimeoutSeconds is 0, expected above 0, at most 600",
                "Sweep:Network:Address is 'here', expected an IP address",
                "Sweep:Store:Provider is 'mysql', expected sqlite or postgres",
                "Sweep:Telemetry:LogFormat is 'xml', expected text or json",
                "Sweep:OrleansDashboard:Token (environment variable Sweep__OrleansDashboard__Token) has 5 characters, expected at least 16",
                "Sweep:Dispatch:LeaseSeconds is 0, expected above 0",
                "Sweep:Worker:DrainSeconds is -1, expected 0 to 86400",
            ],
            problems);
    }

    [Theory]
    [InlineData("Sweep:Silo:Roles is worker with Clustering localhost: a silo that is alone has both roles; expected postgres for several silos", "Sweep:Silo:Roles=worker")]
    [InlineData("Sweep:Store:Provider is 'sqlite' with Sweep:Silo:Clustering postgres: expected postgres, silos share one store", "Sweep:Silo:Clustering=postgres", "Sweep:Store:ConnectionString=" + Database)]
    [InlineData("Sweep:Store:ConnectionString (Sweep__Store__ConnectionString): found a text that is no list of known keywords with values, expected 'Host=...;Port=5432;Database=...;Username=...;Password=...'", "Sweep:Store:Provider=postgres", "Sweep:Store:ConnectionString=nonsense")]
    [InlineData("Sweep:Silo:SiloPort and GatewayPort are both 11111, expected different ports", "Sweep:Silo:SiloPort=11111", "Sweep:Silo:GatewayPort=11111")]
    [InlineData("Sweep:Files:Roots[1] is '/no/such/folder', found no folder there", "Sweep:Files:Roots=/,/no/such/folder")]
    public void Read_OfSettingsThatDoNotGoTogether_SaysWhichAndWhy(string expected, params string[] settings) =>
        Assert.Equal([expected], Problems([.. settings.Select(setting => (setting[..setting.IndexOf('=', StringComparison.Ordinal)], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]))]));

    [Fact]
    public void Read_OfANumberThatIsNone_SaysWhichSetting()
    {
        var problem = Assert.Single(Problems(("Sweep:Network:HttpPort", "many")));
        Assert.Contains("'many' at 'Sweep:Network:HttpPort'", problem, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Problems(params (string Key, string Value)[] settings) => Assert.Throws<OptionsValidationException>(() => Read(settings)).Failures;

    private static SweepSiloOptions Read(params (string Key, string Value)[] settings) =>
        SweepSiloOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build(), configure: null, new TwoCards());

    private sealed class TwoCards : IDeviceInventory
    {
        public int CudaDevices => 2;

        public DeviceFacts Describe(string device) => throw new NotSupportedException();

        public long? MemoryInUse(string device) => throw new NotSupportedException();
    }
}
