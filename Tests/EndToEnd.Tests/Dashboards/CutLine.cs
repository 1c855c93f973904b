using System.Net;
using System.Net.Sockets;

namespace Sweep.EndToEnd.Tests.Dashboards;

/// <summary>The line between a browser and a dashboard, which can be cut: connections end at once, and none comes through until it is mended.</summary>
internal sealed class CutLine : IAsyncDisposable
{
    private readonly Uri _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _listening;
    private bool _isCut;

    public CutLine(Uri target)
    {
        _target = target;
        _listener.Start();
        Address = new UriBuilder(target) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _listening = ListenAsync();
    }

    /// <summary>The dashboard by this line.</summary>
    public Uri Address { get; }

    public void Cut()
    {
        lock (_open)
        {
            _isCut = true;
            _open.ForEach(connection => connection.Dispose());
            _open.Clear();
        }
    }

    public void Mend()
    {
        lock (_open)
            _isCut = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _listening;
        _end.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The line is taken down.
        }
    }

    private async Task CarryAsync(TcpClient browser)
    {
        using var server = new TcpClient();
        using (browser)
        {
            try
            {
                if (!TryKeep(browser, server))
                    return;
                await server.ConnectAsync(IPAddress.Loopback, _target.Port, _end.Token);
                var (near, far) = (browser.GetStream(), server.GetStream());
                await Task.WhenAny(near.CopyToAsync(far, _end.Token), far.CopyToAsync(near, _end.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Cut, or one of the two has gone.
            }
        }
    }

    private bool TryKeep(params TcpClient[] connections)
    {
        lock (_open)
        {
            if (!_isCut)
                _open.AddRange(connections);
            return !_isCut;
        }
    }
}
