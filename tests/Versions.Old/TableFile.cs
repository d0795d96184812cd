using System.Globalization;
using System.Net;
using System.Text.Json;
using Orleans.Messaging;

namespace Vault.Versions;

/// <summary>
/// Members of a cluster on one machine, in a file that its processes take turns with: silos read and write it, clients
/// find gateways in it.
/// </summary>
internal sealed class TableFile(string path) : IMembershipTable, IGatewayListProvider
{
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(1);

    public bool IsUpdatable => true;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => Task.CompletedTask;

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Task.CompletedTask;

    public Task<MembershipTableData> ReadAll() => UseAsync(table => (Data(table, table.Rows), false));

    public Task<MembershipTableData> ReadRow(SiloAddress key) =>
        UseAsync(table => (Data(table, table.Rows.Where(r => r.Address == key.ToParsableString())), false));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => UseAsync(table =>
    {
        var row = Row.Of(entry, 0);
        var fits = Fits(table, tableVersion) && !table.Rows.Exists(r => r.Address == row.Address);
        if (fits)
        {
            table.Rows.Add(row);
            table.Version = tableVersion.Version;
        }

        return (fits, fits);
    });

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UseAsync(table =>
    {
        var at = table.Rows.FindIndex(r => r.Address == entry.SiloAddress.ToParsableString());
        var fits = Fits(table, tableVersion) && at >= 0 && Text(table.Rows[at].Number) == etag;
        if (fits)
        {
            table.Rows[at] = Row.Of(entry, table.Rows[at].Number + 1);
            table.Version = tableVersion.Version;
        }

        return (fits, fits);
    });

    public Task UpdateIAmAlive(MembershipEntry entry) => UseAsync(table =>
    {
        var at = table.Rows.FindIndex(r => r.Address == entry.SiloAddress.ToParsableString());
        table.Rows[at] = table.Rows[at] with { Alive = entry.IAmAliveTime };
        return (true, true);
    });

    public async Task<IList<Uri>> GetGateways() =>
        [.. (await ReadAll()).Members.Select(m => m.Item1)
            .Where(m => m is { Status: SiloStatus.Active, ProxyPort: > 0 })
            .Select(m => new Uri($"gwy.tcp://{IPAddress.Loopback}:{m.ProxyPort}/0"))];

    private static bool Fits(Table table, TableVersion next) => next.VersionEtag == Text(table.Version);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static MembershipTableData Data(Table table, IEnumerable<Row> rows) => new(
        [.. rows.Select(r => Tuple.Create(r.Entry(), Text(r.Number)))],
        new TableVersion(table.Version, Text(table.Version)));

    /// <summary>One process at a time; what a process that was killed left locked is the next one's.</summary>
    private Task<T> UseAsync<T>(Func<Table, (T Answer, bool Changed)> use) => Task.Run(() =>
    {
        using var turn = new Mutex(false, Path.GetFileName(path));
        try
        {
            turn.WaitOne();
        }
        catch (AbandonedMutexException)
        {
            // it is ours all the same
        }

        try
        {
            return Use(use);
        }
        finally
        {
            turn.ReleaseMutex();
        }
    });

    private T Use<T>(Func<Table, (T Answer, bool Changed)> use)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        var table = file.Length == 0 ? new Table() : JsonSerializer.Deserialize<Table>(file)!;
        var (answer, changed) = use(table);
        if (changed)
        {
            file.SetLength(0);
            JsonSerializer.Serialize(file, table);
        }

        return answer;
    }

    private sealed class Table
    {
        public int Version { get; set; }

        public List<Row> Rows { get; set; } = [];
    }

    private sealed record Suspicion(string By, DateTime At);

    private sealed record Row(
        string Address, SiloStatus Status, int Gateway, string Host, string Name, DateTime Start, DateTime Alive,
        List<Suspicion> Suspicions, int Number)
    {
        public static Row Of(MembershipEntry entry, int number) => new(
            entry.SiloAddress.ToParsableString(), entry.Status, entry.ProxyPort, entry.HostName, entry.SiloName,
            entry.StartTime, entry.IAmAliveTime,
            [.. (entry.SuspectTimes ?? []).Select(s => new Suspicion(s.Item1.ToParsableString(), s.Item2))], number);

        public MembershipEntry Entry() => new()
        {
            SiloAddress = SiloAddress.FromParsableString(Address), Status = Status, ProxyPort = Gateway,
            HostName = Host, SiloName = Name, StartTime = Start, IAmAliveTime = Alive,
            SuspectTimes = [.. Suspicions.Select(s => Tuple.Create(SiloAddress.FromParsableString(s.By), s.At))],
        };
    }
}
