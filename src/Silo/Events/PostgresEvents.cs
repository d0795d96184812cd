using System.Globalization;
using Vault.Events.Bus;
using Vault.Sql.Postgres;

namespace Vault.Silo.Events;

/// <summary>Wake-ups over LISTEN and NOTIFY of the metadata database, for processes that have one.</summary>
internal sealed class PostgresEvents(string connectionString) : IEventTransport
{
    private const string Prefix = "vault_";

    private readonly PostgresNotifications notifications = new(connectionString);

    public string Name => "postgres";

    public Task SendAsync(IReadOnlyList<WakeUp> news, CancellationToken cancellationToken) =>
        notifications.NotifyAsync(
            [.. news.Select(n => (Prefix + n.Channel.Name(), n.Number.ToString(CultureInfo.InvariantCulture)))],
            cancellationToken);

    public Task ListenAsync(
        Action listening, Action<EventChannel, long> received, CancellationToken cancellationToken) =>
        notifications.ListenAsync(
            EventChannels.All.Select(c => Prefix + c.Name()), listening,
            (name, payload) =>
            {
                if (EventChannels.TryParse(name.AsSpan(Prefix.Length), out var channel)
                    && long.TryParse(payload, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    received(channel, number);
                }
            },
            cancellationToken);

    public ValueTask DisposeAsync() => notifications.DisposeAsync();
}
