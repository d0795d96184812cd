using System.Globalization;
using Vault.Testing;
using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>The operations on keys, each noted in the history. They tell whether they came to an end.</summary>
internal sealed class KeyCaller(KillHistory history, S3Caller caller)
{
    /// <summary>GET: the bytes must be one whole write, and the one that the head names.</summary>
    public async Task<bool> GetAsync(int gateway, string key)
    {
        var read = history.Keys.Get(key, By(gateway));
        var reply = await caller.SendAsync("get", gateway, "GET", key);
        if (reply.IsSuccess) CheckBody(key, reply);
        return Read(read, reply);
    }

    public async Task<bool> HeadAsync(int gateway, string key)
    {
        var read = history.Keys.Get(key, By(gateway));
        return Read(read, await caller.SendAsync("head", gateway, "HEAD", key));
    }

    public async Task<bool> PutAsync(int gateway, string key, int size)
    {
        var id = history.NewId();
        var put = history.Keys.Put(key, KillHistory.Name(id)!, By(gateway));
        return Changed(put, await caller.SendAsync(
            "put", gateway, "PUT", key, "", WriteValue.Bytes(id, size), Mark(id)));
    }

    /// <summary>PUT where nothing is: it may lose, or be told to try again.</summary>
    public async Task<(bool Ended, Operation Operation)> CreateAsync(int gateway, string key, int size)
    {
        var id = history.NewId();
        var create = history.Keys.Create(key, KillHistory.Name(id)!, By(gateway));
        var reply = await caller.SendAsync(
            "create", gateway, "PUT", key, "", WriteValue.Bytes(id, size), Mark(id), ("if-none-match", "*"));
        if (reply.Status != 412) return (Changed(create, reply), create);
        create.Refused();
        return (true, create);
    }

    public async Task<bool> DeleteAsync(int gateway, string key)
    {
        var delete = history.Keys.Delete(key, By(gateway));
        return Changed(delete, await caller.SendAsync("delete", gateway, "DELETE", key));
    }

    /// <summary>Copies; the copy's body tells later which write of the source was read.</summary>
    public async Task<bool> CopyAsync(int gateway, string source, string key)
    {
        var id = history.NewId();
        var read = history.Keys.Get(source, By(gateway));
        var put = history.Keys.Put(key, KillHistory.Name(id)!, By(gateway));
        history.Copies[id] = new(read);
        var reply = await caller.SendAsync(
            "copy", gateway, "PUT", key, "", [], Mark(id),
            ("x-amz-copy-source", S3TestClient.Target(caller.Bucket, source)), ("x-amz-metadata-directive", "REPLACE"));
        if (!reply.IsAbsent || reply.Code == "NoSuchBucket") return Changed(put, reply);
        read.Returned(null);
        put.Failed();
        return true;
    }

    /// <summary>Notes a change that was acknowledged, may have happened, or was refused.</summary>
    public bool Changed(Operation change, in S3Reply reply)
    {
        if (reply.IsSuccess)
        {
            change.Acknowledged();
        }
        else if (!reply.IsFailure || reply.WasNotSent)
        {
            change.Failed();
            if (!reply.WasNotSent && reply.Status != 409) caller.Unexpected($"{change}", reply);
        }

        return !reply.IsFailure;
    }

    public static (string, string) Mark(long id) => (S3Caller.WriteHeader, id.ToString(CultureInfo.InvariantCulture));

    public string By(int gateway) => $"gateway {gateway % caller.Gateways}";

    private bool Read(Operation read, in S3Reply reply)
    {
        if (reply.IsSuccess) read.Returned(KillHistory.Name(reply.WriteId));
        else if (reply.IsAbsent && reply.Code != "NoSuchBucket") read.Returned(null);
        else if (!reply.IsFailure) caller.Unexpected($"{read}", reply);
        return !reply.IsFailure;
    }

    private void CheckBody(string key, in S3Reply reply)
    {
        if (WriteValue.IdOf(reply.Body) is not { } body)
            history.Violated($"{key} of write {reply.WriteId} held {reply.Body.Length} bytes that nobody wrote");
        else if (body != reply.WriteId
            && !(history.Copies.TryGetValue(reply.WriteId, out var copy) && copy.Found(body)))
            history.Violated($"{key} had the head of write {reply.WriteId} and the body of write {body}");
    }
}
