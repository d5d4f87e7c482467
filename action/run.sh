#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Second step of the action: runs the program and hands its results to the runner. Inputs come by environment (PGR_*), lists
# one item a line; nothing of them is ever evaluated. Ends with the program's exit code.

set -euo pipefail

refuse() {
  echo "pgrehearse: $*" >&2
  exit 2
}

command -v jq >/dev/null || refuse "jq is not installed on this runner"
case $PGR_ANNOTATIONS in true | false) ;; *) refuse "input annotations is neither true nor false" ;; esac
cd -- "${GITHUB_WORKSPACE:-.}"
cd -- "$PGR_WORKING_DIRECTORY" || refuse "input working-directory names no folder"
work=$(mktemp -d "$RUNNER_TEMP/pgrehearse.XXXXXX")

lines() { # the lines of $2 that are not empty, into array $1
  local -n into=$1
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then into+=("$line"); fi
  done <<<"$2"
}

absolute() { # a file that a later step finds from anywhere
  realpath -ms -- "$1"
}

sarif=$(absolute "${PGR_SARIF_FILE:-$work/pgrehearse.sarif}")
junit=$(absolute "${PGR_JUNIT_FILE:-$work/pgrehearse.junit.xml}")
json=$(absolute "${PGR_JSON_FILE:-$work/pgrehearse.json}")
rm -f -- "$sarif" "$junit" "$json" # an older file is not this run's result

arguments=("$PGR_COMMAND" --color never --fail-level "$PGR_FAIL_LEVEL" --output "text=$work/text"
  --output "sarif=$sarif" --output "junit=$junit" --output "json=$json")
if [ "$PGR_ANNOTATIONS" = true ]; then arguments+=(--output "github=$work/annotations"); fi
if [ -n "$PGR_LAYOUT" ]; then arguments+=(--layout "$PGR_LAYOUT"); fi
if [ -n "$PGR_PG_VERSION" ]; then arguments+=(--pg-version "$PGR_PG_VERSION"); fi
if [ -n "$PGR_SERVER_VERSION" ] && [ "$PGR_COMMAND" != lint ]; then arguments+=(--server-version "$PGR_SERVER_VERSION"); fi
if [ -z "${PGREHEARSE_DATABASE_URL:-}" ]; then unset PGREHEARSE_DATABASE_URL; fi
lines arguments "$PGR_ARGS"
paths=()
lines paths "$PGR_PATHS"

# What the program prints quotes the pull request: the runner obeys no command in it until the word is said again.
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$word"
status=0
"$PGR_BINARY" "${arguments[@]}" -- ${paths[@]+"${paths[@]}"} || status=$?
if [ -e "$work/text" ]; then cat "$work/text"; fi
echo "::$word::"
if [ -e "$work/annotations" ]; then cat "$work/annotations"; fi

output() { # NAME VALUE
  printf '%s<<%s\n%s\n%s\n' "$1" "$word" "$2" "$word" >>"$GITHUB_OUTPUT"
}
output exit-code "$status"
if [ -e "$json" ]; then
  output findings "$(jq '.findings | length' "$json")"
  output failed-migrations "$(jq .summary.migrations_failed "$json")"
  output sarif "$sarif"
  output junit "$junit"
  output json "$json"
fi

# The runner refuses a summary of more than 1 MiB as a whole.
if [ -e "$work/text" ]; then
  {
    echo "### pgrehearse $PGR_COMMAND"
    echo
    echo '<pre>'
    head -c 900000 "$work/text" | iconv -c -f UTF-8 -t UTF-8 | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
    echo '</pre>'
  } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
