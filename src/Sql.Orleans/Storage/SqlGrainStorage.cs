using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Orleans.Storage;

namespace Vault.Sql.Orleans.Storage;

/// <summary>
/// Grain states in the embedded database, one row each, written only over the version that was read.
/// </summary>
public sealed class SqlGrainStorage(Database database, IGrainStorageSerializer serializer) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        => ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var stored = await GrainStateTable.ReadAsync(database, Key(stateName, grainId), cancellationToken)
            .ConfigureAwait(false);
        if (stored is null)
        {
            Forget(grainState);
            return;
        }

        grainState.State = serializer.Deserialize<T>(BinaryData.FromString(stored.Payload)) ?? Fresh<T>();
        grainState.ETag = Text(stored.ETag);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        => WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = Key(stateName, grainId);
        var payload = serializer.Serialize(grainState.State).ToString();
        var etag = await ChangeAsync(
            key, grainState.ETag,
            old => old is { } version
                ? GrainStateTable.UpdateAsync(database, key, version, payload, cancellationToken)
                : GrainStateTable.InsertAsync(database, key, FirstVersion(), payload, cancellationToken))
            .ConfigureAwait(false);
        grainState.ETag = Text(etag);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        => ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = Key(stateName, grainId);
        if (grainState.ETag is null)
        {
            // Nothing was there when it was read: fine, unless another has written meanwhile.
            if (await GrainStateTable.ReadAsync(database, key, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                throw Inconsistent(key, Text(stored.ETag), null);
            }
        }
        else
        {
            await ChangeAsync(
                key, grainState.ETag,
                old => GrainStateTable.DeleteAsync(database, key, old.GetValueOrDefault(), cancellationToken))
                .ConfigureAwait(false);
        }

        Forget(grainState);
    }

    private static StateKey Key(string stateName, GrainId grainId) => new(
        grainId.Type.ToString() ?? "", grainId.Key.Value, stateName);

    private static void Forget<T>(IGrainState<T> grainState)
    {
        grainState.State = Fresh<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static T? Fresh<T>()
        => typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is null
            ? default
            : Activator.CreateInstance<T>();

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    /// <summary>A random start with room for 2^62 changes.</summary>
    private static long FirstVersion()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes) & (long.MaxValue >> 1);
    }

    private static InconsistentStateException Inconsistent(StateKey key, string? stored, string? current)
        => new($"The state {key.StateName} of a {key.GrainType} was changed by another activation.", stored, current);

    private static async Task<long> ChangeAsync(StateKey key, string? current, Func<long?, Task<long?>> change)
    {
        long? version = null;
        if (current is not null)
        {
            version = long.TryParse(current, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Inconsistent(key, null, current);
        }

        try
        {
            return await change(version).ConfigureAwait(false) ?? throw Inconsistent(key, null, current);
        }
        catch (SqlUnknownOutcomeException e)
        {
            // Memory and storage may differ now: the activation has to go and read again.
            throw new InconsistentStateException(
                $"Whether the state {key.StateName} of a {key.GrainType} was stored is unknown.", null, current, e);
        }
    }
}
