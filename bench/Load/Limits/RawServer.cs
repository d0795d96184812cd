using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Vault.Load.Workload;

namespace Vault.Load.Limits;

/// <summary>
/// Kestrel and nothing else: GET answers a body of fixed size, PUT reads its body and forgets it. The size stands in
/// the bucket's name (<c>raw-4096</c>). What no server on this machine can pass.
/// </summary>
internal static class RawServer
{
    public const string BucketPrefix = "raw-";

    private const int WriteSliceBytes = 256 << 10;

    public static async Task RunAsync(int seed, Action<Uri> started, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.AddServerHeader = false;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        await using var app = builder.Build();
        var bodies = new BodyTable(seed);
        app.Run(context => context.Request.Method switch
        {
            "GET" => GetAsync(context, bodies),
            _ => DiscardAsync(context),
        });
        await app.StartAsync(CancellationToken.None);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        started(new Uri(addresses.Addresses.Single()));
        var stopped = new TaskCompletionSource();
        await using var registration = ct.Register(stopped.SetResult);
        await stopped.Task;
        await app.StopAsync(CancellationToken.None);
    }

    private static async Task GetAsync(HttpContext context, BodyTable bodies)
    {
        var bytes = bodies.For(context.Request.Path.Value!);
        context.Response.ContentLength = bytes.Length;
        var writer = context.Response.BodyWriter;
        for (var at = 0; at < bytes.Length; at += WriteSliceBytes)
            await writer.WriteAsync(
                bytes.AsMemory(at, Math.Min(WriteSliceBytes, bytes.Length - at)), context.RequestAborted);
    }

    private static async Task DiscardAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }

        context.Response.ContentLength = 0;
    }

    private sealed class BodyTable(int seed)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<int, byte[]> bodies = new();

        public byte[] For(string path)
        {
            var end = path.IndexOf('/', 1);
            var size = int.Parse(
                path.AsSpan(1 + BucketPrefix.Length, end - 1 - BucketPrefix.Length), CultureInfo.InvariantCulture);
            return bodies.GetOrAdd(size, Make, seed);
        }

        private static byte[] Make(int size, int seed) => new Bodies(size, seed, 1).For(0).Bytes;
    }
}
