# syntax=docker/dockerfile:1
# docker build -t vault:0.1.0 .
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /vault
COPY .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY src src
RUN dotnet publish src/Silo/Silo.csproj -c Release -o /app --nologo

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
COPY --from=build /app /app
# Diagnostics would need a writable place; secrets stay out of core dumps.
ENV DOTNET_EnableDiagnostics=0 DOTNET_CLI_TELEMETRY_OPTOUT=1
# The image's own unprivileged user, by number: Kubernetes checks numbers only.
USER 1654:1654
# S3, control, silo, gateway, node
EXPOSE 9000 9001 11111 30000 9100
ENTRYPOINT ["/app/vault"]
CMD ["serve"]
