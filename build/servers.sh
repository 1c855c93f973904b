# Sourced by ./test: the servers, tools and browser that tests run against. A test takes $SWEEP_TEST_POSTGRES and $SWEEP_TEST_RABBITMQ first, then a container where Docker answers, then
# this machine's own programs. What is missing of the latter is installed where that may be done, and named where not; the tests then skip, or fail where CI=true.

has() { command -v "$1" >/dev/null 2>&1; }
has_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || [ -n "${SWEEP_POSTGRES_BIN:-}" ]; }
has_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || has rabbitmq-server; }
has_chromium() { for program in chromium chromium-browser google-chrome google-chrome-stable; do has $program && return 0; done; [ -n "${SWEEP_TEST_CHROMIUM:-}" ]; }
has_pika() { for python in /usr/bin/python3 python3; do has $python && $python -c 'import pika' >/dev/null 2>&1 && return 0; done; return 1; }

# Names of Debian packages that tests lack.
missing_packages() {
  # Also where tests take containers: `sweep chaos` starts the programs themselves.
  has_postgres || echo postgresql
  has_rabbitmq || echo rabbitmq-server
  has faketime || echo faketime
  has_pika || echo python3-pika
  has_chromium || echo chromium
}

install_servers() {
  local packages root=()
  packages=$(missing_packages | tr '\n' ' ')
  [ -n "${packages// /}" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then
      root=(sudo -n)
    else
      echo "test: found no ${packages}and no right to install packages; tests that need them skip, or fail where CI=true" >&2
      return 0
    fi
  fi
  if ! has apt-get; then
    echo "test: found no ${packages}and no apt-get; tests that need them skip, or fail where CI=true" >&2
    return 0
  fi
  echo "test: installing $packages(apt-get)"
  # RUNLEVEL=1: the packages start no servers of their own; each test starts what it needs and ends it.
  # shellcheck disable=SC2086
  if ! { "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get update -qq &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $packages >/dev/null; }; then
    echo "test: apt-get could not install $packages; tests that need them skip, or fail where CI=true" >&2
  fi
}

# axe-core, which tests of pages ask; under its own licence, so it is fetched and not kept here.
install_axe() {
  [ -f artifacts/axe/node_modules/axe-core/axe.min.js ] && return 0
  if ! has npm; then
    echo "test: found no npm to fetch axe-core with; the test of pages that asks it skips, or fails where CI=true" >&2
    return 0
  fi
  npm install --prefix artifacts/axe --no-save --ignore-scripts --no-audit --no-fund --silent axe-core@4.14.1 >/dev/null ||
    echo "test: npm could not fetch axe-core; the test of pages that asks it skips, or fails where CI=true" >&2
}
