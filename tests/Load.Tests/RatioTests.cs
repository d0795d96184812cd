using Vault.Load.Limits;
using Vault.Load.Ratios;
using Vault.Load.Running;

namespace Vault.Load.Tests;

public sealed class RatioTests
{
    [Fact]
    public void Figures_are_put_beside_their_limits()
    {
        var ratios = RatioTable.Of(Limits(), [
            (Result("get", 4096, 46_000), false),
            (Result("put", 4096, 10_000), false),
            (Result("put", 16384, 5_000), false),
            (Result("put", 64 << 20, 6), false),
            (Result("put", 64 << 20, 6), true),
            (Result("list", 4096, 1), false),
        ]);

        Assert.Equal(
            [("GET 4096 B, of raw Kestrel", true), ("PUT 4096 B, of raw Kestrel", false),
                ("PUT 16384 B, of raw Kestrel", true), ("PUT 67108864 B, of the PUT limit", true),
                ("PUT 67108864 B, unsigned payload, of the PUT limit", false)],
            ratios.Select(ratio => (ratio.Name, ratio.IsReached)));
        Assert.Equal(0.2, ratios[1].Share);
        Assert.Equal(0.12, ratios[2].Wanted!.Value, 6);
        Assert.Equal(6 * (64 << 20) / 500e6, ratios[3].Share, 3);
    }

    private static LimitsReport Limits() => new()
    {
        Cores = 2,
        Kestrel =
        [
            Result("get", 4096, 100_000), Result("put", 4096, 50_000), Result("put", 16384, 40_000),
            Result("put", 64 << 20, 20),
        ],
        Cpu = new HashLimits { Md5 = 1, Sha256 = 1, AesGcm = 1, Crc32 = 1, Crc64Nvme = 1 },
        Disk = new DiskLimits { BytesPerSecond = 1, SyncedAppendsPerSecond = 1 },
        KestrelPutCpuPerByte = 1,
        SignedPutLimit = 500e6,
        UnsignedPutLimit = 600e6,
    };

    private static LoadResult Result(string operation, int size, double rate) => new()
    {
        Operation = operation,
        Size = size,
        Connections = 1,
        Seconds = 1,
        Operations = (long)rate,
        OperationsPerSecond = rate,
        MegabytesPerSecond = rate * size / 1e6,
        P50Microseconds = 1,
        P90Microseconds = 1,
        P99Microseconds = 1,
        P999Microseconds = 1,
        ClientCores = 1,
        Errors = 0,
    };
}
