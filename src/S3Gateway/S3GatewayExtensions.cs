using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Vault.Events;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Buckets;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Multipart;
using Vault.S3Gateway.Objects;

namespace Vault.S3Gateway;

/// <summary>Adds the S3 front door to a host.</summary>
public static class S3GatewayExtensions
{
    private const int MaxRequestLineBytes = 32 << 10;

    /// <summary>
    /// Registers the front door. The host supplies <c>IGrainFactory</c>, <c>ClusterKeys</c>, <c>ChunkWriter</c>,
    /// <c>ChunkReader</c>, <c>TimeProvider</c>, metrics and logging, and an event bus when it is not alone.
    /// </summary>
    public static IServiceCollection AddS3Gateway(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<S3Options>, S3OptionsValidator>();
        services.AddOptions<S3Options>().BindConfiguration("S3")
            .Validate(
                options => options.TrustedProxies.All(TrustedProxies.IsNetwork),
                "S3:TrustedProxies: each must be an address, or a block such as 10.0.0.0/8; names are not looked up.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddEvents(alone: true); // unless the host has said otherwise before
        services.AddSingleton<S3Instruments>();
        services.AddSingleton<RequestIds>();
        services.AddSingleton<UnparsedRequests>();
        services.AddSingleton<TrustedProxies>();
        services.AddSingleton<CredentialCache>();
        services.AddSingleton<SharedCredentials>();
        services.AddSingleton<CallerLimits>();
        services.AddSingleton<SealBudget>();
        services.AddSingleton<SigV4Authentication>();
        services.AddSingleton<Authorization>();
        services.AddSingleton<IndexGrains>();
        services.AddSingleton<HeadCommit>();
        services.AddSingleton<SeenBuckets>();
        services.AddSingleton<PartCommit>();
        services.AddSingleton<ManifestCache>();
        services.AddSingleton<BodyStore>();
        services.AddHosted<CredentialWatch>();
        services.AddHosted<RunningReads>();
        services.AddHosted<TrafficMeter>();
        services.AddHosted<AccessLog>();
        services.AddBucketEndpoints();
        services.AddObjectEndpoints();
        services.AddMultipartEndpoints();
        services.AddSingleton<S3Dispatcher>();
        return services;
    }

    /// <summary>The front door as one delegate, for a host that branches by port itself.</summary>
    public static RequestDelegate S3RequestDelegate(this IServiceProvider services) =>
        services.GetRequiredService<S3Dispatcher>().HandleAsync;

    /// <summary>
    /// What S3 needs of the server: any body length, long targets, header values in UTF-8, no banner.
    /// </summary>
    public static void UseS3Limits(this KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.RequestHeaderEncodingSelector = static _ => Encoding.UTF8;
        server.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        server.Limits.MaxRequestBodySize = null;
        server.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        server.Limits.MaxRequestHeadersTotalSize = 64 << 10;
        server.Limits.MaxRequestHeaderCount = 200;
        server.Limits.MaxRequestBufferSize = 1 << 20;
        server.Limits.MaxResponseBufferSize = 1 << 20;
        server.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(20));
        server.Limits.MinResponseDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(20));
    }

    /// <summary>What S3 needs of a listener: S3's answers to what is no request. Comes after TLS.</summary>
    public static void UseS3Refusals(this ListenOptions listener)
    {
        listener.ApplicationServices.GetRequiredService<UnparsedRequests>();
        listener.Use(next => connection => UnparsedRequests.ServeAsync(connection, next));
    }

    private static void AddHosted<T>(this IServiceCollection services)
        where T : class, Microsoft.Extensions.Hosting.IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
    }

    private static void AddBucketEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<S3Endpoint, ListBucketsEndpoint>();
        services.AddSingleton<S3Endpoint, CreateBucketEndpoint>();
        services.AddSingleton<S3Endpoint, DeleteBucketEndpoint>();
        services.AddSingleton<S3Endpoint, BucketSettingsEndpoint>();
    }

    private static void AddObjectEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<S3Endpoint, GetObjectEndpoint>();
        services.AddSingleton<S3Endpoint, PutObjectEndpoint>();
        services.AddSingleton<S3Endpoint, CopyObjectEndpoint>();
        services.AddSingleton<S3Endpoint, DeleteObjectEndpoint>();
        services.AddSingleton<S3Endpoint, DeleteObjectsEndpoint>();
        services.AddSingleton<S3Endpoint, ListObjectsEndpoint>();
        services.AddSingleton<S3Endpoint, ObjectSettingsEndpoint>();
        services.AddSingleton<S3Endpoint, ObjectAttributesEndpoint>();
    }

    private static void AddMultipartEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<S3Endpoint, CreateMultipartUploadEndpoint>();
        services.AddSingleton<S3Endpoint, UploadPartEndpoint>();
        services.AddSingleton<S3Endpoint, UploadPartCopyEndpoint>();
        services.AddSingleton<S3Endpoint, CompleteMultipartUploadEndpoint>();
        services.AddSingleton<S3Endpoint, AbortMultipartUploadEndpoint>();
        services.AddSingleton<S3Endpoint, ListPartsEndpoint>();
        services.AddSingleton<S3Endpoint, ListMultipartUploadsEndpoint>();
    }
}
