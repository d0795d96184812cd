using System.Text;
using Vault.Load.Client;
using Vault.Load.Limits;
using Vault.Load.Running;
using Vault.Load.Workload;
using Vault.Protocol.SigV4;

namespace Vault.Load.Tests;

public sealed class ClientTests
{
    [Fact]
    public void The_requests_of_the_client_verify()
    {
        var now = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        var body = new Bodies(4096, 1, 1).For(0);
        using var signer = new SigV4Signer("kid", "secret", "us-east-1");
        foreach (var crc in new[] { null, body.Crc32Text })
        {
            var request = new LeanRequest
            {
                Method = "PUT",
                RawTarget = "/b/load/00000001",
                Host = "127.0.0.1:9000",
                Timestamp = SigV4Time.Format(now),
                Payload = body.Sha256,
                Crc32 = crc,
                AsksForChecksum = crc is null,
            };
            var authorization = signer.Authorization(
                request, request.SignedHeaders, request.Payload, request.Timestamp);
            var received = new SignableRequest("PUT", request.RawTarget, request.Host)
                .With("authorization", authorization);
            foreach (var name in request.SignedHeaders.Split(';'))
                received.With(name, request.GetHeader(name).Only!);
            Assert.Equal(SigV4Outcome.Ok, SigV4Parser.Parse(received, new SigV4Options(), now, out var claim, out _));
            using var keys = new SigningKeys("secret");
            Assert.Equal(SigV4Outcome.Ok, SigV4Verifier.Verify(received, claim!, keys));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 200, true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", 200, true)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello", 200, true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhellO", 200, false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell", 200, false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!", 200, false)]
    [InlineData("HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nwait", 503, true)]
    public void Replies_are_read_whole_and_compared(string reply, int status, bool matches)
    {
        foreach (var piece in new[] { 1, 7, 1000 })
        {
            var read = new ReplyReader()
                .Read(new Pieces(reply, piece), isHead: false, "hello"u8.ToArray(), collect: false);
            Assert.Equal((status, matches), (read.Status, read.Matches));
            Assert.Equal(status == 503 ? "wait" : "", read.Text);
        }
    }

    [Fact]
    public void A_reply_that_breaks_off_is_an_error() =>
        Assert.Throws<EndOfStreamException>(() => new ReplyReader().Read(
            new Pieces("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 9), isHead: false, null, collect: false));

    [Fact]
    public async Task A_short_run_against_the_raw_server_has_no_errors_and_wrong_bytes_are_noticed()
    {
        using var stop = new CancellationTokenSource();
        var address = new TaskCompletionSource<Uri>();
        var server = RawServer.RunAsync(seed: 1, address.SetResult, stop.Token);
        var endpoint = await address.Task;
        foreach (var operation in new[] { Operation.Put, Operation.Get })
        {
            var report = Run(endpoint, operation, seed: 1);
            Assert.Empty(report.Errors);
            Assert.True(report.Median.Operations > 0);
        }

        Assert.Contains(
            "not the one that was written", Run(endpoint, Operation.Get, seed: 2).Errors[0], StringComparison.Ordinal);
        await stop.CancelAsync();
        await server;
    }

    private static LoadReport Run(Uri endpoint, Operation operation, int seed) => new LoadRun(new LoadSettings
    {
        Target = new S3Target
        {
            Endpoint = endpoint,
            Bucket = "raw-5000",
            AccessKeyId = "kraw",
            SecretAccessKey = "raw",
            Region = "us-east-1",
        },
        Operation = operation,
        Size = 5000,
        Connections = 2,
        DistinctBodies = 1,
        Seed = seed,
        WarmUpSeconds = 0,
        Seconds = 0.3,
        Runs = 1,
    }).Execute();

    private sealed class Pieces(string text, int size) : MemoryStream(Encoding.ASCII.GetBytes(text))
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, size));
    }
}
