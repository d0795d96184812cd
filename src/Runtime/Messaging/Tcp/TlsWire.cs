using System.Net.Security;
using System.Net.Sockets;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>A socket inside TLS.</summary>
internal sealed class TlsWire : Wire
{
    private readonly SslStream _stream;
    private readonly Tls _tls;
    private readonly bool _connects;

    public TlsWire(Socket socket, Tls tls, bool connects)
        : base(socket)
    {
        (_tls, _connects) = (tls, connects);
        _stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
    }

    public void Authenticate()
    {
        if (_connects)
        {
            _tls.Connect(_stream);
        }
        else
        {
            _tls.Accept(_stream);
        }
    }

    public override int Read(Span<byte> buffer) => _stream.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _stream.ReadAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => _stream.Write(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _stream.WriteAsync(buffer, cancellationToken);

    public override void Flush() => _stream.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
