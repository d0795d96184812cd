using System.Diagnostics.Metrics;
using Vault.Grains.Abstractions.Objects;

namespace Vault.Grains.Objects;

/// <summary>What the object index does.</summary>
internal sealed class ObjectInstruments
{
    private static readonly string[] StatusNames = Array.ConvertAll(
        Enum.GetValues<CommitStatus>(), static status => status.ToString());

    private readonly Counter<long> _commits;
    private readonly Counter<long> _failures;
    private readonly Histogram<int> _batchMembers;
    private readonly Histogram<double> _batchSeconds;

    public ObjectInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("Vault.Grains.Objects");
        _commits = meter.CreateCounter<long>(
            "vault.objects.commits", "{commit}", "Members of index batches by how they ended");
        _failures = meter.CreateCounter<long>(
            "vault.objects.commit_failures", "{commit}", "Members of index batches that the database failed");
        _batchMembers = meter.CreateHistogram<int>(
            "vault.objects.batch_members", "{commit}", "Members of one index transaction");
        _batchSeconds = meter.CreateHistogram<double>(
            "vault.objects.batch_duration", "s", "Time from taking a batch to its durable commit");
    }

    public void Committed(List<PendingCommit> members, TimeSpan elapsed)
    {
        _batchMembers.Record(members.Count);
        _batchSeconds.Record(elapsed.TotalSeconds);
        if (!_commits.Enabled)
        {
            return;
        }

        foreach (var member in members)
        {
            _commits.Add(1, new KeyValuePair<string, object?>("status", StatusNames[(int)member.Decision!.Status]));
        }
    }

    public void Failed(int members) => _failures.Add(members);
}
