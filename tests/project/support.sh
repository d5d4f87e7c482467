# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the test scripts share. Sourced; gives $root, $build (absolute), $work (removed at the end) and the functions below.

set -uo pipefail
umask 022
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "${1:-$root/build}" && pwd)
program=$build/cli/pgrehearse
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
export PGREHEARSE_ROOT=$root program

check() { # WHAT COMMAND...: the command must succeed
  local what=$1 log
  shift
  if log=$("$@" 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  %s\n%s\n' "$what" "$*" "$log"
  fi
}

refused() { # COMMAND...: succeeds when the command fails
  ! "$@"
}

ends_with() { # CODE COMMAND...
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" = "$wanted" ] || { echo "ended with $status, expected $wanted"; return 1; }
}

needs() { # COMMAND...: a missing tool is a failure, never a silent pass
  local tool
  for tool in "$@"; do check "$tool is installed (tools/setup --test)" command -v "$tool"; done
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
