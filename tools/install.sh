#!/usr/bin/env bash
# Installs what is missing of the packages named by its arguments' groups, all from Debian.
# Usage: tools/install.sh build|test|sanitize|bench ...   Idempotent; needs root or sudo only if something is missing.
set -euo pipefail

build=(g++-12 cmake ninja-build ccache pkg-config python3 nodejs npm ca-certificates
       libssl-dev libsqlite3-dev libpq-dev libsimdjson-dev nlohmann-json3-dev libyaml-cpp-dev libcli11-dev
       libfmt-dev libhowardhinnant-date-dev tzdata zlib1g-dev libbrotli-dev libzstd-dev libcrypt-dev libgtest-dev
       libgmock-dev)
test=(libbenchmark-dev node-llhttp curl postgresql valgrind libfaketime)
sanitize=(clang-19 libclang-rt-19-dev llvm-19)
bench=(nginx-light haproxy iproute2 openssl)

packages=()
for group in "$@"; do
  declare -n members=$group
  packages+=("${members[@]}")
done

is_installed() { # A command of the same name serves for node and npm, however they came.
  case $1 in
    nodejs) command -v node >/dev/null ;;
    npm) command -v npm >/dev/null ;;
    nginx-light) command -v nginx >/dev/null ;;
    *) dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed' ;;
  esac
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "Missing packages: ${missing[*]}" >&2
    echo "Install them as root: apt-get install ${missing[*]}" >&2
    exit 1
  }
  sudo=(sudo)
fi
# What tests and measurements start themselves is not to be started as a service, too.
policy=/usr/sbin/policy-rc.d
if [[ " $* " =~ " bench "|" test " && ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod 755 "$policy"
  trap '"${sudo[@]}" rm -f "$policy"' EXIT
fi
echo "Installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
