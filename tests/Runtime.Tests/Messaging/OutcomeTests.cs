using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Vault.Runtime.Messaging;
using Vault.Runtime.Tests.Grains;

namespace Vault.Runtime.Tests.Messaging;

/// <summary>What a caller is told when its call could not be sent, or its outcome could not.</summary>
public sealed class OutcomeTests
{
    [Fact]
    public async Task A_failure_that_can_not_be_sent_is_told_by_its_type()
    {
        await using var cluster = new InProcessTestClusterBuilder(1).Build();
        await cluster.DeployAsync();

        var thrown = await Assert.ThrowsAsync<OrleansException>(
            () => cluster.Client.GetGrain<IPlaceGrain>("a").FailOddlyAsync());

        Assert.Contains(nameof(OddException), thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_was_about_to_leave_when_its_link_was_lost_is_made_again()
    {
        var builder = new InProcessTestClusterBuilder(1);
        var lost = false;
        builder.ConfigureClientHost(host => host.Services.AddSingleton<ITransport>(services => new BreakingTransport(
            ActivatorUtilities.CreateInstance<InMemoryTransport>(services),
            breaks: () => !Interlocked.Exchange(ref lost, true))));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();

        Assert.NotNull(await cluster.Client.GetGrain<IPlaceGrain>("a").WhereAsync());
        Assert.True(lost);
    }

    /// <summary>Loses a link, when told to, before a frame could leave.</summary>
    private sealed class BreakingTransport(InMemoryTransport inner, Func<bool> breaks) : ITransport
    {
        private ITransportUser? _user;

        public void Open(SiloAddress self, ITransportUser user)
        {
            _user = user;
            inner.Open(self, user);
        }

        public Link? Find(SiloAddress to) => inner.Find(to) is { } link ? new BreakingLink(this, link) : null;

        public Task CloseAsync() => inner.CloseAsync();

        public void Abort() => inner.Abort();

        private sealed class BreakingLink(BreakingTransport transport, Link link) : Link
        {
            private readonly Func<bool> _breaks = transport.Breaks;

            public override SiloAddress Address => link.Address;

            public override long HandedOver => 100;

            public override bool TrySend(ReadOnlySpan<byte> frame, ref long position)
            {
                if (_breaks())
                {
                    transport._user!.Lost(this);
                    return false;
                }

                return link.TrySend(frame, ref position);
            }
        }

        private bool Breaks() => breaks();
    }
}
