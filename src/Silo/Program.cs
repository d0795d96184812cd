using System.CommandLine;
using System.CommandLine.Invocation;
using Vault.Cli;
using Vault.Silo.Cluster;
using Vault.Silo.Doctor;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

PrivateFile.RestrictNewFiles();
var root = new RootCommand("Vault: an encrypted S3 store in one program. `vault up` is all a first start needs.")
{
    ServeCommand.Create(),
    SuperviseCommand.Create(),
    UpCommand.Create(),
    MigrateCommand.Create(),
    DoctorCommand.Create(),
    ClusterCommand.Create(),
};
CliCommands.AddTo(root);
var parse = root.Parse(args);

// Signals are the host's: a drain takes as long as it takes. `cluster` undoes what it began.
return parse.Action is ParseErrorAction
    ? CliCommands.Refuse(parse)
    : await parse.InvokeAsync(new InvocationConfiguration
    {
        ProcessTerminationTimeout = args is ["cluster", ..] ? TimeSpan.FromMinutes(1) : null,
    });
