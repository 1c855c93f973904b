# Sourced by ./test: packages come as code that every process translates anew, and the suites start some two hundred processes that live for seconds. Here it is translated once (ReadyToRun,
# kept in artifacts/ahead), and the outputs' links into the package cache are pointed there; a build points them back. Where it cannot be done, processes only take longer to start.

# What a start goes through. Of the rest little is used, and some takes a minute to translate.
starts_with() {
  case "$(basename "$1")" in
    MassTransit* | Microsoft.Data.Sqlite* | Microsoft.EntityFrameworkCore* | Newtonsoft.* | Npgsql* | \
      OpenTelemetry* | Orleans.* | RabbitMQ.* | SQLitePCLRaw.* | Spectre.* | System.CommandLine.* | TorchSharp.* | YamlDotNet.*) return 0 ;;
    *) return 1 ;;
  esac
}

# Of the programs and the tests of a configuration.
compile_ahead() {
  local found version packages compiler frameworks home link target folder
  if ! dotnet restore build/ahead.csproj -v quiet >/dev/null 2>&1; then
    echo "test: found no package of .NET's compiler; processes translate their packages themselves" >&2
    return 0
  fi
  found=$(dotnet msbuild build/ahead.csproj -t:Locate -getProperty:AheadVersion -getProperty:AheadPackages -getProperty:AheadCompiler -getProperty:AheadFrameworks) || return 0
  value() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$found"; }
  version=$(value AheadVersion) packages=$(value AheadPackages) compiler=$(value AheadCompiler) frameworks=$(value AheadFrameworks)
  [ -x "$compiler" ] && [ -d "$frameworks/Microsoft.NETCore.App/$version" ] && [ -d "$frameworks/Microsoft.AspNetCore.App/$version" ] || return 0

  home=$PWD/artifacts/ahead/$version
  local -A made=()
  local -a links=() arguments=(-O -r "$frameworks/Microsoft.NETCore.App/$version/*.dll" -r "$frameworks/Microsoft.AspNetCore.App/$version/*.dll")
  while IFS= read -r link; do
    target=$(readlink "$link")
    [[ $target == "$packages"* ]] && starts_with "$target" || continue
    links+=("$link")
    made[$target]=$home/${target#"$packages"}
  done < <(find Cli/bin Silo/bin DashboardHost/bin Perf/bin Tests/*/bin -maxdepth 3 -path "*/bin/$1/net10.0/*.dll" -type l 2>/dev/null)
  # One may refer to any other: the programs have them all.
  for folder in Cli Silo DashboardHost; do arguments+=(-r "$PWD/$folder/bin/$1/net10.0/*.dll"); done

  # shellcheck disable=SC2016
  for target in "${!made[@]}"; do
    [ -f "${made[$target]}" ] || printf '%s\0%s\0' "$target" "${made[$target]}"
  done | xargs -0 -r -n 2 -P "$(nproc)" bash -c \
    'from=${*: -2:1} to=${*: -1}; mkdir -p "$(dirname "$to")" && "${@:1:$#-2}" "$from" -o "$to.new" >/dev/null 2>&1 && mv "$to.new" "$to"' _ "$compiler" "${arguments[@]}"
  for link in "${links[@]}"; do
    target=${made[$(readlink "$link")]}
    [ -f "$target" ] && ln -sfn "$target" "$link"
  done
  return 0
}
