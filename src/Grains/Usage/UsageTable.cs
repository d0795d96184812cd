using Vault.Grains.Abstractions.Usage;
using Vault.Sql;

namespace Vault.Grains.Usage;

/// <summary>Traffic by month, reported by the front ends.</summary>
internal static class UsageTable
{
    /// <summary>As a check: the report is new.</summary>
    public static readonly SqlStatement<UsageReport> Remember = new(
        "insert into usage_report (report_id, at_ms) values (@report, {now_ms}) on conflict (report_id) do nothing "
        + "returning 1",
        static (p, r) => p.Blob("report", r.Report.ReportId.ToByteArray(bigEndian: true)));

    public static readonly SqlStatement<UsageReport> Add = new(
        """
        insert into usage_month (project_id, month, requests, bytes_in, bytes_out)
        values (@project, @month, @requests, @in, @out)
        on conflict (project_id, month) do update set
          requests = usage_month.requests + excluded.requests,
          bytes_in = usage_month.bytes_in + excluded.bytes_in,
          bytes_out = usage_month.bytes_out + excluded.bytes_out
        """,
        static (p, r) =>
        {
            p.Text("project", r.ProjectId);
            p.Bigint("month", r.Month);
            p.Bigint("requests", r.Report.Requests);
            p.Bigint("in", r.Report.BytesIn);
            p.Bigint("out", r.Report.BytesOut);
        });

    public static readonly SqlQuery<UsageOf, ProjectUsage> Read = new(
        """
        select cast(coalesce(sum(u.objects), 0) as {bigint}), cast(coalesce(sum(u.bytes), 0) as {bigint}),
          coalesce((select requests from usage_month where project_id = @project and month = @month), 0),
          coalesce((select bytes_in from usage_month where project_id = @project and month = @month), 0),
          coalesce((select bytes_out from usage_month where project_id = @project and month = @month), 0)
        from usage_bucket u where u.project_id = @project
        """,
        static (p, u) =>
        {
            p.Text("project", u.ProjectId);
            p.Bigint("month", u.Month);
        },
        static row => new ProjectUsage
        {
            Objects = row.Bigint(0), StoredBytes = row.Bigint(1), Requests = row.Bigint(2), BytesIn = row.Bigint(3),
            BytesOut = row.Bigint(4),
        });
}

/// <summary>A report with where it counts.</summary>
internal sealed record UsageReport(string ProjectId, long Month, TrafficReport Report);

/// <summary>A project's month: year × 100 + month, UTC.</summary>
internal readonly record struct UsageOf(string ProjectId, long Month);
