using Orleans.Metadata;

namespace Vault.Runtime.Tests.Grains;

[Alias("tests.key-guid")]
public interface IGuidKeyGrain : IGrainWithGuidKey
{
    [Alias("Key")]
    Task<string> KeyAsync();
}

[Alias("tests.key-guid-compound")]
public interface IGuidCompoundKeyGrain : IGrainWithGuidCompoundKey
{
    [Alias("Key")]
    Task<string> KeyAsync();
}

[Alias("tests.key-integer-compound")]
public interface IIntegerCompoundKeyGrain : IGrainWithIntegerCompoundKey
{
    [Alias("Key")]
    Task<string> KeyAsync();
}

/// <summary>Two classes implement it.</summary>
[Alias("tests.ambiguous")]
public interface IAnimalGrain : IGrainWithIntegerKey
{
    [Alias("Sound")]
    Task<string> SoundAsync();
}

/// <summary>Two classes implement it and one is meant.</summary>
[Alias("tests.defaulted"), DefaultGrainType("tests-cat")]
public interface IPetGrain : IAnimalGrain;

public sealed class GuidKeyGrain : Grain, IGuidKeyGrain
{
    public Task<string> KeyAsync() => Task.FromResult($"{this.GetPrimaryKey()}");
}

public sealed class GuidCompoundKeyGrain : Grain, IGuidCompoundKeyGrain
{
    public Task<string> KeyAsync() => Task.FromResult($"{this.GetPrimaryKey(out var extension)} {extension}");
}

public sealed class IntegerCompoundKeyGrain : Grain, IIntegerCompoundKeyGrain
{
    public Task<string> KeyAsync() => Task.FromResult($"{this.GetPrimaryKeyLong(out var extension)} {extension}");
}

[GrainType("tests-dog")]
public sealed class DogGrain : Grain, IPetGrain
{
    public Task<string> SoundAsync() => Task.FromResult("woof");
}

[GrainType("tests-cat")]
public sealed class CatGrain : Grain, IPetGrain
{
    public Task<string> SoundAsync() => Task.FromResult("miaow");
}
