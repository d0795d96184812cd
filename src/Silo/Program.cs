using System.CommandLine;
using Vault.Cli;
using Vault.Silo.Doctor;
using Vault.Silo.Serve;

var root = new RootCommand("Vault: an encrypted S3 store in one program. `vault up` is all a first start needs.")
{
    ServeCommand.Create(),
    UpCommand.Create(),
    MigrateCommand.Create(),
    DoctorCommand.Create(),
};
CliCommands.AddTo(root);
return await root.Parse(args).InvokeAsync();
