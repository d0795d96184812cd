using Vault.Runtime.Generator.Model;

namespace Vault.Runtime.Generator.Emit;

/// <summary>Writes the proxy of a grain interface, after the method and request classes it uses.</summary>
internal static class ProxyEmitter
{
    public static string Emit(string assembly, InterfaceModel model)
    {
        var code = new CodeWriter(assembly);
        foreach (var method in model.Methods)
        {
            MethodEmitter.Emit(code, method);
            RequestEmitter.Emit(code, method);
        }

        code.Open($"internal sealed class {model.Identifier}_Proxy({Names.Invocation}GrainProxyShared shared, "
            + "global::Orleans.Runtime.GrainId id)"
            + $" : {Names.Invocation}GrainProxy(shared, id), {model.Type}");
        for (var i = 0; i < model.Methods.Count; i++)
        {
            EmitCall(code, model.Methods[i], i);
        }

        code.Close();
        return code.ToString();
    }

    private static void EmitCall(CodeWriter code, MethodModel method, int index)
    {
        var parameters = string.Join(", ", method.Parameters.Select(static (p, i) => $"{p.Type.Name} arg{i}"));
        code.Open($"{method.ReturnType} {method.DeclaringType}.@{method.Name}({parameters})");
        var fields = string.Join(", ", method.Parameters.Select(static (_, i) => $"Arg{i} = arg{i}"));
        code.Line($"var request = new {method.Identifier}_Request(Shared.Methods[{index}]) {{ {fields} }};");
        switch (method)
        {
            case { Kind: ReturnKind.Void }:
                code.Line("InvokeOneWay(request);");
                break;
            case { OneWay: true, Kind: ReturnKind.Task }:
                code.Line("InvokeOneWay(request);");
                code.Line("return global::System.Threading.Tasks.Task.CompletedTask;");
                break;
            case { OneWay: true, Kind: ReturnKind.ValueTask }:
                code.Line("InvokeOneWay(request);");
                code.Line("return default;");
                break;
            case { Kind: ReturnKind.Task }:
                code.Line("return InvokeVoidAsync(request);");
                break;
            case { Kind: ReturnKind.ValueTask }:
                code.Line("return new global::System.Threading.Tasks.ValueTask(InvokeVoidAsync(request));");
                break;
            case { Kind: ReturnKind.TaskOfResult }:
                code.Line($"return InvokeAsync<{method.Result!.Name}>(request).AsTask();");
                break;
            default:
                code.Line($"return InvokeAsync<{method.Result!.Name}>(request);");
                break;
        }

        code.Close();
        code.Line();
    }
}
