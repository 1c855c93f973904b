# One image for silos and for the command `sweep` (migrate, audit, submit ...): both publish into one folder and share its libraries. The dashboard has an
# image of its own, without libtorch.
#
#   docker build --build-arg TorchBackend=cpu  -t sweep:0.1.0-cpu .
#   docker build --build-arg TorchBackend=cuda -t sweep:0.1.0-cuda .
#   docker build --target dashboard            -t sweep-dashboard:0.1.0 .
#
# cuda brings libtorch's own CUDA libraries; the driver comes from the node (NVIDIA container runtime).

FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
ARG TorchBackend=cpu
ARG Version=0.1.0
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /src

# Restore sees only what decides it, so that a change of code does not fetch libtorch again.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY build/ build/
COPY Contracts/Sweep.Contracts.csproj Contracts/
COPY Models/Sweep.Models.csproj Models/
COPY Evaluation/Sweep.Evaluation.csproj Evaluation/
COPY Execution/Sweep.Execution.csproj Execution/
COPY Grains/Sweep.Grains.csproj Grains/
COPY Persistence/Sweep.Persistence.csproj Persistence/
COPY Hosting/Sweep.Hosting.csproj Hosting/
COPY Dashboard/Sweep.Dashboard.csproj Dashboard/
COPY DashboardHost/Sweep.DashboardHost.csproj DashboardHost/
COPY Silo/Sweep.Silo.csproj Silo/
COPY Cli/Sweep.Cli.csproj Cli/
RUN dotnet restore Silo/Sweep.Silo.csproj -r linux-x64 -p:TorchBackend=$TorchBackend \
 && dotnet restore Cli/Sweep.Cli.csproj -r linux-x64 -p:TorchBackend=$TorchBackend \
 && dotnet restore DashboardHost/Sweep.DashboardHost.csproj -r linux-x64

COPY . .
RUN dotnet publish Silo/Sweep.Silo.csproj -c Release -r linux-x64 --self-contained false --no-restore -p:TorchBackend=$TorchBackend -p:Version=$Version -o /app \
 && dotnet publish Cli/Sweep.Cli.csproj -c Release -r linux-x64 --self-contained false --no-restore -p:TorchBackend=$TorchBackend -p:Version=$Version -o /app \
 && dotnet publish DashboardHost/Sweep.DashboardHost.csproj -c Release -r linux-x64 --self-contained false --no-restore -p:Version=$Version -o /dashboard
# libtorch in a layer of its own: it is nearly all of the image and changes with its version only.
RUN mkdir /natives && mv /app/*.so* /natives/

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble AS dashboard
ENV HOME=/tmp
COPY --from=build /dashboard/ /app/
USER 1654:1654
EXPOSE 8080
ENTRYPOINT ["/app/Sweep.DashboardHost"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble AS silo
# /opt/sweep holds the small models, benchmarks and plans that ship. Nothing is written outside /tmp: HOME is there because CUDA and .NET keep caches in it.
ENV SWEEP_HOME=/opt/sweep \
    SWEEP_COMMAND=sweep \
    HOME=/tmp \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN ln -s /app/Sweep.Cli /usr/local/bin/sweep
WORKDIR /opt/sweep
COPY models/ models/
COPY benchmarks/ benchmarks/
COPY plans/ plans/
COPY --from=build /natives/ /app/
COPY --from=build /app/ /app/

# The images' own user `app`, by number: Kubernetes compares numbers when it checks runAsNonRoot.
USER 1654:1654
# Orleans between silos, Orleans for clients, health and metrics.
EXPOSE 11111 30000 8080
# No HEALTHCHECK: Kubernetes ignores it and has its own probes, compose.yaml has its own check, and the command is not a server.
ENTRYPOINT ["/app/Sweep.Silo"]
