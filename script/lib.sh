# shellcheck shell=bash disable=SC2034
# Shared by script/run, script/test and .ci/run: says what is being done, finds Rust, installs system packages, and
# chooses one folder for what is built. To be sourced, in the root of the repository.

set -euo pipefail

# One place for all clones on a machine, so that a second one builds only its own code. Safe to delete at any time.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-${HOME:-$PWD}/.cache}/island-twin/target}"

# What a Debian or Ubuntu machine needs to build: a C compiler (as linker, and for a few small C files), and the headers
# of GDAL and SQLite. The window's libraries are loaded when it opens, so no headers of theirs are needed.
build_packages=(ca-certificates gcc libc6-dev pkg-config libgdal-dev libsqlite3-dev)
# What a picture needs: Vulkan, with Mesa's drivers (a software one among them), and the X11 or Wayland client.
picture_packages=(
    libvulkan1 mesa-vulkan-drivers
    libx11-6 libx11-xcb1 libxcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0
)
# What the tests need besides: a display in memory, a broker, certificates, a database server of their own. None of these
# needs to run as a service.
test_packages=(xvfb xauth mosquitto openssl postgresql)

stage() {
    printf '==> [%d min] %s\n' "$((SECONDS / 60))" "$*"
}

stop() {
    printf 'island-twin: %s\n' "$*" >&2
    exit 1
}

# Rust is the one thing that has to be there beforehand.
need_rust() {
    if ! command -v cargo >/dev/null && [ -x "${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo" ]; then
        PATH="${CARGO_HOME:-${HOME:-}/.cargo}/bin:$PATH"
    fi
    if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
        stop "Rust is missing. Get it from https://rustup.rs, for instance with

    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh

and start this command again."
    fi
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rustc --version | cut -d ' ' -f 2)
    if [ "$(printf '%s\n' "$wanted" "${found%%-*}" | sort -V | head -n 1)" != "$wanted" ]; then
        stop "Rust $wanted or newer is needed, this is $found. With rustup: rustup update stable"
    fi
}

# need_component rustfmt cargo-fmt: parts of Rust that a bare toolchain leaves out.
need_component() {
    cargo "${2#cargo-}" --version >/dev/null 2>&1 ||
        stop "$1 is missing from this Rust toolchain. With rustup: rustup component add $1"
}

# need_packages NAME...: installs those that are missing, and only those.
need_packages() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        need_libraries_elsewhere
        return
    fi
    local missing=() package
    for package in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
    if [ "${#missing[@]}" -eq 0 ]; then
        stage "System packages: all there"
        return
    fi
    stage "System packages: installing ${missing[*]} (on a bare system a few minutes)"
    local as_root=() log
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || stop "neither root nor sudo here. Have an administrator run

    apt-get install ${missing[*]}"
        as_root=(sudo)
        # Nobody is there to type a password.
        [ -t 0 ] || as_root+=(-n)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    log=$(mktemp)
    # Where a third party's repository fails, Debian's own may still have all that is needed.
    "${as_root[@]}" apt-get update >>"$log" 2>&1 || true
    if ! "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 30 "$log" >&2
        stop "apt-get could not install these packages: ${missing[*]} (all that it said: $log)"
    fi
    rm -f "$log"
}

# Other systems name their packages differently: say what is needed and leave the installing to the user.
need_libraries_elsewhere() {
    if command -v cc >/dev/null && pkg-config --exists 'gdal >= 3.4' sqlite3 2>/dev/null; then
        stage "System packages: compiler, GDAL and SQLite are there"
        return
    fi
    stop "this is not Debian or Ubuntu, so please install these yourself and start again:
  to build: a C compiler (cc), pkg-config, GDAL 3.4 to 3.12 and SQLite 3, both with their headers (\"-devel\" or \"-dev\")
  to draw:  the Vulkan loader and a driver (Mesa has a software one), libX11, libX11-xcb, libxcb, libXcursor, libXi,
            libxkbcommon, libxkbcommon-x11, libwayland-client
  to test:  Xvfb besides"
}
