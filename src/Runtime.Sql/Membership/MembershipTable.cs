using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;
using Vault.Sql;

namespace Vault.Runtime.Sql.Membership;

/// <summary>SQL over <c>cluster_state</c>, <c>cluster_view</c> and <c>silo</c>: docs/spec/membership.md.</summary>
internal static class MembershipTable
{
    /// <summary>One row for each view and each silo; the first three columns are the same in all.</summary>
    public static readonly SqlQuery<long, StoredRow> Read = new(
        """
        select {system_identifier}, c.revision, v.number, v.stamp, null, null, null, null, null, null, null, null, null,
          null, null, null
        from cluster_state c cross join cluster_view v
        union all
        select {system_identifier}, c.revision, null, null, s.address, s.name, s.process, s.weight,
          case when c.revision = @known then null else s.adverts end, s.joined, s.leaving, s.gone, s.retired, s.ended,
          s.renewals, s.acknowledged
        from cluster_state c cross join silo s
        """,
        static (p, known) => p.Bigint("known", known), StoredRow.Read);

    public static readonly SqlStatement<ViewStep> MakeView = new(
        """
        update cluster_state set view_number = @to,
          revision = case when revision < @revision then @revision else revision + 1 end
        where id = 1 and view_number = @from returning 1
        """,
        static (p, step) =>
        {
            p.Bigint("to", step.To);
            p.Bigint("revision", step.Revision);
            p.Bigint("from", step.From);
        });

    public static readonly SqlStatement<ViewStep> AddView = new(
        "insert into cluster_view (number, stamp) values (@to, @stamp)",
        static (p, step) =>
        {
            p.Bigint("to", step.To);
            p.Bigint("stamp", step.Stamp);
        });

    public static readonly SqlStatement<long> ForgetViews = new(
        """
        delete from cluster_view
        where number < (select coalesce(min(acknowledged), @to) from silo where gone is null)
        """,
        static (p, to) => p.Bigint("to", to));

    public static readonly SqlStatement<long> ForgetSilos = new(
        """
        delete from silo
        where gone <= (select coalesce(min(acknowledged), @to) from silo where gone is null)
          and (not retired or gone <= @to - 64)
        """,
        static (p, to) => p.Bigint("to", to));

    public static readonly SqlStatement<bool> NextRevision = new(
        "update cluster_state set revision = revision + 1 where id = 1", static (_, _) => { });

    public static readonly SqlStatement<(StoredSilo Silo, long View)> Insert = new(
        """
        insert into silo (address, name, process, weight, adverts, joined, leaving, gone, retired, ended, renewals,
          acknowledged)
        values (@address, @name, @process, @weight, @adverts, @view, null, null, false, false, 0, @view)
        """,
        static (p, a) =>
        {
            p.Text("address", a.Silo.Address.ToParsableString());
            p.Text("name", a.Silo.Name);
            p.Text("process", a.Silo.Process);
            p.Bigint("weight", a.Silo.Weight);
            p.Blob("adverts", AdvertCodec.ToBytes(a.Silo.Adverts!));
            p.Bigint("view", a.View);
        });

    public static readonly SqlStatement<(SiloAddress Silo, long View)> Replace = new(
        "update silo set gone = @view where address = @address and gone is null", BindSiloFirst);

    public static readonly SqlQuery<SiloAddress, long> Renew = new(
        """
        update silo set renewals = renewals + 1
        where address = @address and gone is null and not ended returning renewals
        """,
        static (p, silo) => p.Text("address", silo.ToParsableString()), static r => r.Bigint(0));

    public static readonly SqlStatement<(SiloAddress Silo, long View)> Acknowledge = new(
        """
        update silo set acknowledged = @view
        where address = @address and gone is null and acknowledged < @view returning 1
        """,
        BindSiloFirst);

    public static readonly SqlStatement<(SiloAddress Silo, long View)> Leave = new(
        """
        update silo set leaving = @view
        where address = @address and gone is null and leaving is null returning 1
        """,
        BindSiloFirst);

    public static readonly SqlStatement<(Removal Removal, long View)> RemoveUnchanged = new(
        """
        update silo set gone = @view
        where address = @address and gone is null and renewals = @renewals returning 1
        """,
        static (p, a) =>
        {
            p.Bigint("view", a.View);
            p.Text("address", a.Removal.Silo.ToParsableString());
            p.Bigint("renewals", a.Removal.Renewals);
        });

    public static readonly SqlStatement<(SiloAddress Silo, long View)> RemoveEnded = new(
        "update silo set gone = @view where address = @address and gone is null and ended returning 1",
        BindSiloFirst);

    public static readonly SqlStatement<(SiloAddress Silo, long View)> RemoveLeft = new(
        """
        update silo set gone = @view, retired = true
        where address = @address and gone is null and acknowledged >= leaving returning 1
        """,
        BindSiloFirst);

    public static readonly SqlQuery<string, long> End = new(
        "update silo set ended = true where process = @process and gone is null and not ended returning 1",
        static (p, process) => p.Text("process", process), static r => r.Bigint(0));

    private static void BindSiloFirst(SqlParameters p, (SiloAddress Silo, long View) a)
    {
        p.Text("address", a.Silo.ToParsableString());
        p.Bigint("view", a.View);
    }
}
