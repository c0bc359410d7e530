#!/bin/sh
# Cargo's RUSTC_WORKSPACE_WRAPPER: the flag is unstable, so this one rustc is told to take it.
rustc="$1"
shift
RUSTC_BOOTSTRAP=1 exec "$rustc" -Ztime-passes -Ztime-passes-format=json "$@"
