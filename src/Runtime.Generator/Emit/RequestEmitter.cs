using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>
/// Writes the request class of a method: its arguments in fields, and everything the engine does with them.
/// </summary>
internal static class RequestEmitter
{
    public static void Emit(CodeWriter code, MethodModel method)
    {
        var parent = method.Result is { } result ? $"GrainRequest<{result.Name}>" : "VoidGrainRequest";
        code.Open($"internal sealed class {method.Identifier}_Request({Names.Invocation}GrainMethod method) : "
            + $"{Names.Invocation}{parent}(method)");
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            code.Line($"internal {method.Parameters[i].Type.Name} Arg{i};");
        }

        code.Line();
        EmitInvoke(code, method);
        EmitArguments(code, method);
        EmitCopy(code, method);
        EmitWire(code, method);
        EmitToken(code, method);
        if (method.Result is not null)
        {
            EmitResult(code, method);
        }

        code.Close();
        code.Line();
    }

    private static void EmitInvoke(CodeWriter code, MethodModel method)
    {
        var arguments = string.Join(", ", method.Parameters.Select(static (_, i) => "Arg" + i));
        var call = $"(({method.DeclaringType})target).@{method.Name}({arguments})";
        const string valueTask = "global::System.Threading.Tasks.ValueTask";
        var type = method.Result is { } result ? $"{valueTask}<{result.Name}>" : valueTask;
        code.Open($"protected override {type} InvokeTarget(object target)");
        switch (method.Kind)
        {
            case ReturnKind.Void:
                code.Line(call + ";");
                code.Line("return default;");
                break;
            case ReturnKind.Task or ReturnKind.TaskOfResult:
                code.Line($"return new {type}({call});");
                break;
            default:
                code.Line($"return {call};");
                break;
        }

        code.Close();
        code.Line();
    }

    private static void EmitArguments(CodeWriter code, MethodModel method)
    {
        code.Line($"public override int GetArgumentCount() => {method.Parameters.Count};");
        code.Line();
        code.Open("public override object GetArgument(int index)");
        code.Open("switch (index)");
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            code.Line($"case {i}: return Arg{i};");
        }

        code.Line("default: throw new global::System.ArgumentOutOfRangeException(nameof(index));");
        code.Close();
        code.Close();
        code.Line();
        code.Open("public override void SetArgument(int index, object value)");
        code.Open("switch (index)");
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            code.Line($"case {i}: Arg{i} = ({method.Parameters[i].Type.Name})value; return;");
        }

        code.Line("default: throw new global::System.ArgumentOutOfRangeException(nameof(index));");
        code.Close();
        code.Close();
        code.Line();
    }

    private static void EmitCopy(CodeWriter code, MethodModel method)
    {
        var copied = method.Parameters.Select(static (p, i) => (p, i))
            .Where(static x => !x.p.Type.Immutable && !x.p.IsToken)
            .ToList();
        if (copied.Count == 0)
        {
            return;
        }

        code.Open("public override void CopyArguments()");
        code.Line($"var codecs = ({method.Identifier}_Method)Method;");
        foreach (var (_, i) in copied)
        {
            code.Line($"Arg{i} = codecs.Codec{i}.Copy(Arg{i});");
        }

        code.Close();
        code.Line();
    }

    private static void EmitWire(CodeWriter code, MethodModel method)
    {
        var sent = method.Parameters.Select(static (p, i) => (p.Type, p.IsToken, Index: i))
            .Where(static x => !x.IsToken)
            .ToList();
        code.Open($"public override void WriteArguments(ref {Names.Serialization}CborWriter writer)");
        code.Line($"var codecs = ({method.Identifier}_Method)Method;");
        code.Line($"writer.BeginArray({sent.Count});");
        foreach (var (type, _, index) in sent)
        {
            code.Line(WireCode.Write(type.Name, $"codecs.Codec{index}", $"Arg{index}"));
        }

        code.Line("writer.End();");
        code.Close();
        code.Line();
        code.Open($"public override void ReadArguments(ref {Names.Serialization}CborReader reader)");
        code.Line($"var codecs = ({method.Identifier}_Method)Method;");
        code.Line("var count = reader.BeginArray();");
        for (var i = 0; i < sent.Count; i++)
        {
            var (type, _, index) = sent[i];
            code.Line($"if (count > {i}) Arg{index} = {WireCode.Read(type.Name, $"codecs.Codec{index}")};");
        }

        code.Line($"for (var i = {sent.Count}; i < count; i++) reader.Skip();");
        code.Line("reader.End();");
        code.Close();
        code.Line();
    }

    private static void EmitToken(CodeWriter code, MethodModel method)
    {
        for (var i = 0; i < method.Parameters.Count; i++)
        {
            if (method.Parameters[i].IsToken)
            {
                code.Line(
                    $"public override {Names.Token} CancellationToken {{ get => Arg{i}; set => Arg{i} = value; }}");
                code.Line();
            }
        }
    }

    private static void EmitResult(CodeWriter code, MethodModel method)
    {
        var result = method.Result!;
        var codec = $"(({method.Identifier}_Method)Method).ResultCodec";
        if (!result.Immutable)
        {
            code.Line("protected override bool CopiesResult => true;");
            code.Line();
            code.Line($"protected override {result.Name} CopyResult({result.Name} result) => {codec}.Copy(result);");
            code.Line();
        }

        code.Line(
            $"protected override void WriteResult(ref {Names.Serialization}CborWriter writer, {result.Name} result) => "
                + WireCode.Write(result.Name, codec, "result"));
        code.Line();
        code.Line($"protected override {result.Name} ReadResult(ref {Names.Serialization}CborReader reader) => "
            + WireCode.Read(result.Name, codec) + ";");
    }
}
