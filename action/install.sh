#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# First step of the action: refuses what must not run, then finds or builds the program. Everything comes by environment:
# PGR_BINARY, PGR_COMMAND, PGR_ALLOW_UNTRUSTED, and the runner's RUNNER_TEMP, GITHUB_OUTPUT, GITHUB_PATH, GITHUB_EVENT_NAME.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

refuse() {
  echo "pgrehearse: $*" >&2
  exit 2
}

case $PGR_COMMAND in
  lint) ;; # runs nothing
  check | run)
    # These events run with the repository's secrets and a token that may write, on SQL that anyone may propose.
    case ${GITHUB_EVENT_NAME:-} in
      pull_request_target | workflow_run)
        [ "$PGR_ALLOW_UNTRUSTED" = true ] ||
          refuse "\"$PGR_COMMAND\" runs the pull request's SQL, which is refused on $GITHUB_EVENT_NAME; use the pull_request event, the command lint, or allow-untrusted: true"
        ;;
    esac
    ;;
  *) refuse "input command is none of check, lint, run" ;;
esac

if [ -n "$PGR_BINARY" ]; then
  if [ ! -x "$PGR_BINARY" ] || [ -d "$PGR_BINARY" ]; then refuse "input binary names no program"; fi
  binary=$(realpath -- "$PGR_BINARY")
else
  echo "pgrehearse: there are no releases yet, so this builds from source"
  "$here/tools/setup"
  binary=$("$here/tools/build-program" "$RUNNER_TEMP/pgrehearse-build")
fi
version=$("$binary" --version)
echo "$version"
{
  echo "binary=$binary"
  echo "version=$version"
} >>"$GITHUB_OUTPUT"
dirname -- "$binary" >>"$GITHUB_PATH"
