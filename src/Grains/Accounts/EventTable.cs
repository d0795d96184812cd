using System.Security.Cryptography;
using Vault.Grains.Abstractions.Accounts;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>What happened to projects: written in the transaction that made it happen.</summary>
internal static class EventTable
{
    public static readonly SqlStatement<ProjectEventRow> Insert = new(
        """
        insert into project_event (project_id, at_ms, event_id, kind, subject)
        values (@project, {now_ms}, @event, @kind, @subject)
        """,
        static (p, e) =>
        {
            p.Text("project", e.ProjectId);
            p.Blob("event", e.EventId);
            p.Text("kind", e.Kind);
            p.Text("subject", e.Subject);
        });

    public static readonly SqlQuery<EventsSince, ProjectEvent> Since = new(
        """
        select at_ms, kind, subject from project_event
        where project_id = @project and at_ms > @since order by at_ms desc, event_id desc limit 1000
        """,
        static (p, s) =>
        {
            p.Text("project", s.ProjectId);
            p.Bigint("since", s.SinceMs);
        },
        static row => new ProjectEvent { AtMs = row.Bigint(0), Kind = row.Text(1), Subject = row.Text(2) });
}

/// <summary>Events of a project newer than a time.</summary>
internal readonly record struct EventsSince(string ProjectId, long SinceMs);

/// <summary>An event to be written; the database dates it.</summary>
internal sealed record ProjectEventRow
{
    public required string ProjectId { get; init; }

    public required byte[] EventId { get; init; }

    public required string Kind { get; init; }

    public required string Subject { get; init; }

    public static ProjectEventRow New(string projectId, string kind, string subject) => new()
    {
        ProjectId = projectId, EventId = RandomNumberGenerator.GetBytes(8), Kind = kind, Subject = subject,
    };
}
