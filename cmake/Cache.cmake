# SPDX-License-Identifier: Apache-2.0
#
# PGREHEARSE_CACHE_DIR: where tools/setup keeps the packages it unpacked. tools/cache-dir holds the rule.

include_guard(GLOBAL)

execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../tools/cache-dir
  OUTPUT_VARIABLE PGREHEARSE_CACHE_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
