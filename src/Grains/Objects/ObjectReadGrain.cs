using Orleans.Concurrency;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>Heads for GET, HEAD and the preconditions of PUT: one joined statement for each, combined.</summary>
[StatelessWorker]
[Reentrant]
internal sealed class ObjectReadGrain(Database database) : Grain, IObjectReadGrain
{
    private static readonly HeadRead NoBucket = new();

    private readonly ReadCombiner<HeadRequest, HeadRead> _heads = new(database, ObjectReadTable.Head);
    private readonly ReadCombiner<HeadRequest, HeadRead> _bodies = new(database, ObjectReadTable.HeadAndBody);

    public Task<HeadRead> ReadAsync(HeadRequest request, CancellationToken cancellationToken)
    {
        var read = (request.WithBody ? _bodies : _heads).ReadAsync(request, cancellationToken);
        return read is { IsCompletedSuccessfully: true, Result: not null } ? read! : OrNoBucketAsync(read);
    }

    private static async Task<HeadRead> OrNoBucketAsync(Task<HeadRead?> read) => await read ?? NoBucket;
}
