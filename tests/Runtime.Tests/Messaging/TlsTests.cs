using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Messaging;

public sealed class TlsTests
{
    [Fact]
    public async Task Calls_pass_through_tls_and_cannot_be_read_on_the_way()
    {
        using var authority = new TestAuthority();
        await using var cluster = new TcpCluster();
        using var relay = new Relay();
        var silo = await cluster.StartSiloAsync(o => authority.Certify(o), behind: relay.Port);
        relay.Start(silo.Services.GetRequiredService<Vault.Runtime.Messaging.Tcp.SiloListener>().LocalPort);
        var client = await cluster.StartClientAsync(configure: o => authority.Certify(o));
        var grains = client.Services.GetRequiredService<IGrainFactory>();

        var echoes = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => grains.GetGrain<IPlaceGrain>($"g{i % 8}")
            .EchoAsync(new Note { Text = "in the clear?", Number = i })));

        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), echoes.Select(e => e.Number));
        Assert.Equal(-1, relay.Seen.ToArray().AsSpan().IndexOf("in the clear?"u8));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_whichever_side_shows_it()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        await using var cluster = await TcpCluster.StartAsync(1, o => authority.Certify(o));

        await Assert.ThrowsAsync<OrleansException>(() => cluster.StartClientAsync(configure: o =>
        {
            other.Certify(o, trusted: authority);
            o.StartTimeout = TimeSpan.FromSeconds(1);
        }));
        await Assert.ThrowsAsync<OrleansException>(() => cluster.StartClientAsync(configure: o =>
        {
            authority.Certify(o, trusted: other);
            o.StartTimeout = TimeSpan.FromSeconds(1);
        }));
        await Assert.ThrowsAsync<OrleansException>(() => cluster.StartClientAsync(
            configure: o => o.StartTimeout = TimeSpan.FromSeconds(1)));
        Assert.NotNull(await cluster.StartClientAsync(configure: o => authority.Certify(o)));
    }

    [Fact]
    public async Task A_certificate_that_an_intermediate_has_signed_is_shown_with_it_and_trusted_by_both_sides()
    {
        using var authority = new TestAuthority();
        await using var cluster = await TcpCluster.StartAsync(1, o => authority.CertifyThroughIntermediate(o));

        Assert.NotNull(await cluster.StartClientAsync(configure: o => authority.Certify(o)));
        Assert.NotNull(await cluster.StartClientAsync(configure: o => authority.CertifyThroughIntermediate(o)));
    }

    [Fact]
    public async Task Nothing_is_fetched_from_where_the_certificate_of_a_stranger_says()
    {
        using var named = new TcpListener(IPAddress.Loopback, 0);
        named.Start();
        var address = new Uri($"http://{named.LocalEndpoint}/intermediate.cer");
        using var authority = new TestAuthority();
        await using var cluster = await TcpCluster.StartAsync(1, o => authority.Certify(o));

        await Assert.ThrowsAsync<OrleansException>(() => cluster.StartClientAsync(configure: o =>
        {
            authority.CertifyThroughIntermediate(o, kept: address);
            o.StartTimeout = TimeSpan.FromSeconds(1);
        }));

        Assert.False(named.Pending());
    }
}
