using System.CommandLine;
using Vault.Load;

return await new RootCommand("Load on S3 servers, and the limits of the machine they run on")
{
    S3Command.Create(),
    LimitsCommand.Create(),
    LimitsCommand.CreateServer(),
    RatiosCommand.Create(),
}.Parse(args).InvokeAsync();
