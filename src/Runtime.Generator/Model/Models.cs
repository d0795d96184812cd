using Microsoft.CodeAnalysis.Text;

namespace Vault.Runtime.Generator.Model;

/// <summary>A type as generated code names it, and what the emitters must know of it.</summary>
/// <param name="Name">Fully qualified, with <c>global::</c>.</param>
/// <param name="Immutable">Known to need no copy.</param>
internal sealed record TypeModel(string Name, bool Immutable);

/// <summary>A problem to report, without the symbols that would keep a compilation alive.</summary>
internal sealed record DiagnosticModel(
    string Id, string Path, TextSpan Span, LinePositionSpan Lines, string Argument, string Detail);

/// <summary>A grain interface with all its methods, inherited ones included.</summary>
internal sealed record InterfaceModel(
    string Type,
    string Identifier,
    string WireName,
    EquatableArray<MethodModel> Methods,
    EquatableArray<DiagnosticModel> Diagnostics);

internal enum ReturnKind
{
    Void,
    Task,
    ValueTask,
    TaskOfResult,
    ValueTaskOfResult,
}

/// <summary>One method of a grain interface.</summary>
internal sealed record MethodModel(
    string Name,
    string Alias,
    string DeclaringType,
    string Identifier,
    ReturnKind Kind,
    string ReturnType,
    TypeModel? Result,
    EquatableArray<ParameterModel> Parameters,
    bool OneWay,
    bool ReadOnly,
    bool AlwaysInterleave,
    string? ResponseTimeout);

internal sealed record ParameterModel(string Name, TypeModel Type, bool IsToken);

/// <summary>A type marked <c>[GenerateSerializer]</c>.</summary>
internal sealed record SerializableModel(
    string Type,
    string OpenType,
    string Identifier,
    string TypeParameters,
    string Constraints,
    string Alias,
    SerializableKind Kind,
    bool Immutable,
    Construction Construction,
    EquatableArray<LevelModel> Levels,
    EquatableArray<DiagnosticModel> Diagnostics);

internal enum SerializableKind
{
    Class,
    Struct,
    Enum,
    Abstract,
}

internal enum Construction
{
    Parameterless,
    Message,
    Uninitialized,
}

/// <summary>The members that one type of an inheritance chain declares; the most derived first.</summary>
internal sealed record LevelModel(string Type, EquatableArray<MemberModel> Members);

internal enum Assignment
{
    /// <summary>In the object initializer: required members, and every member of a struct that allows it.</summary>
    Initializer,

    /// <summary>By an ordinary assignment after construction.</summary>
    Direct,

    /// <summary>By calling the set or init accessor past its accessibility.</summary>
    Setter,

    /// <summary>By writing the field past its accessibility.</summary>
    Field,
}

internal sealed record MemberModel(
    int Id,
    string Name,
    TypeModel Type,
    string DeclaringType,
    bool Required,
    bool Readable,
    string FieldName,
    Assignment Assignment);

/// <summary>A converter marked <c>[RegisterConverter]</c>.</summary>
internal sealed record ConverterModel(string Value, string Surrogate, string Converter, string Alias);

/// <summary>A class that can be activated as a grain.</summary>
internal sealed record GrainClassModel(
    string Type,
    string GrainType,
    EquatableArray<string> Interfaces,
    EquatableArray<string> Arguments,
    EquatableArray<DiagnosticModel> Diagnostics);
