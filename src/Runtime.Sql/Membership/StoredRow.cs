using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;
using Vault.Sql;

namespace Vault.Runtime.Sql.Membership;

/// <summary>One row of the reading: a view or a silo.</summary>
internal sealed record StoredRow(string System, long Revision, StoredView? View, StoredSilo? Silo)
{
    public static StoredRow Read(SqlRow row) => new(
        row.Text(0),
        row.Bigint(1),
        row.IsNull(2) ? null : new StoredView(row.Bigint(2), row.Bigint(3)),
        row.IsNull(4) ? null : new StoredSilo
        {
            Address = SiloAddress.FromParsableString(row.Text(4)),
            Name = row.Text(5),
            Process = row.Text(6),
            Weight = checked((int)row.Bigint(7)),
            Adverts = row.IsNull(8) ? null : AdvertCodec.Read(row.BlobSpan(8)),
            Joined = row.Bigint(9),
            Leaving = row.BigintOrNull(10),
            Gone = row.BigintOrNull(11),
            Retired = row.Bool(12),
            Ended = row.Bool(13),
            Renewals = row.Bigint(14),
            Acknowledged = row.Bigint(15),
        });
}
