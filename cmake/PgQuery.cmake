# SPDX-License-Identifier: Apache-2.0
#
# libpg_query 17 or newer with PostgreSQL's internal headers; never an older grammar. Tried in this order:
#   1. -DPGREHEARSE_LIBPG_QUERY=<prefix>: only there, an error when it does not serve
#   2. a system package
#   3. the package that tools/setup unpacked into the cache (newest first)
#   4. FetchContent of the upstream tag, the parser alone
# A candidate counts when cmake/pg_query_probe.c compiles and links with it.
#
# Gives: target pgrehearse_pg_query, PGREHEARSE_GRAMMAR_VERSION ("18.6"), PGREHEARSE_LIBPG_QUERY_VERSION ("" when unknown).

include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/Cache.cmake)
find_package(Threads REQUIRED)

set(PGREHEARSE_LIBPG_QUERY "" CACHE PATH "Prefix of a libpg_query (>= 17) with internal headers and a static archive")
set(PGREHEARSE_LIBPG_QUERY_TAG "18.1.0" CACHE STRING "Upstream tag that FetchContent builds when nothing else is there")

set(_pgq_probe ${CMAKE_CURRENT_LIST_DIR}/pg_query_probe.c)
set(_pgq_shims ${CMAKE_CURRENT_LIST_DIR}/../sql/pg_query_shims.c)

function(pgrehearse_read_grammar_version internal_dir out)
  file(STRINGS ${internal_dir}/pg_config.h line REGEX "^#define PG_VERSION \"" LIMIT_COUNT 1)
  string(REGEX REPLACE ".*\"([0-9.]+)[^\"]*\".*" "\\1" version "${line}")
  set(${out} "${version}" PARENT_SCOPE)
endfunction()

# Defines the target and the version variables in the caller when the package under `prefix` serves ("" = the system).
function(pgrehearse_try_pg_query prefix out)
  set(${out} FALSE PARENT_SCOPE)
  set(only "")
  if(prefix)
    set(only PATHS ${prefix} ${prefix}/usr NO_DEFAULT_PATH)
  endif()
  find_path(headers pg_query/postgres/nodes/parsenodes.h ${only} PATH_SUFFIXES include NO_CACHE)
  find_library(archive libpg_query.a ${only} PATH_SUFFIXES lib lib/${CMAKE_C_LIBRARY_ARCHITECTURE} lib64 NO_CACHE)
  if(NOT headers OR NOT archive)
    return()
  endif()
  string(REGEX REPLACE "/$" "" headers "${headers}") # find_path leaves a slash at the end of a suffix match
  set(include_dirs ${headers} ${headers}/pg_query ${headers}/pg_query/postgres)

  unset(shims_needed)
  string(MD5 key "${archive}")
  foreach(with_shims FALSE TRUE)
    set(links PGREHEARSE_PG_QUERY_LINKS_${key}_${with_shims})
    if(NOT DEFINED ${links})
      set(sources ${_pgq_probe})
      if(with_shims)
        list(APPEND sources ${_pgq_shims})
      endif()
      try_compile(${links} ${CMAKE_BINARY_DIR}/pg_query_probe
        SOURCES ${sources}
        CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${include_dirs}"
        LINK_LIBRARIES ${archive} m Threads::Threads)
    endif()
    if(${links})
      set(shims_needed ${with_shims})
      break()
    endif()
  endforeach()
  if(NOT DEFINED shims_needed)
    message(STATUS "libpg_query: ${archive} does not serve (it must link here and have the grammar of PostgreSQL 17 or newer)")
    return()
  endif()

  add_library(pgrehearse_pg_query INTERFACE)
  target_include_directories(pgrehearse_pg_query SYSTEM INTERFACE ${include_dirs})
  target_link_libraries(pgrehearse_pg_query INTERFACE ${archive})
  if(shims_needed)
    add_library(pgrehearse_pg_query_shims STATIC ${_pgq_shims})
    target_link_libraries(pgrehearse_pg_query INTERFACE pgrehearse_pg_query_shims)
  endif()
  target_link_libraries(pgrehearse_pg_query INTERFACE m Threads::Threads)

  pgrehearse_read_grammar_version(${headers}/pg_query/postgres grammar)
  set(PGREHEARSE_GRAMMAR_VERSION ${grammar} PARENT_SCOPE)
  set(${out} TRUE PARENT_SCOPE)
  set(_pgq_from ${archive} PARENT_SCOPE)
endfunction()

# libpg_query's own build makes everything; the parser alone is a quarter of it and has no dependencies.
macro(pgrehearse_fetch_pg_query)
  include(FetchContent)
  FetchContent_Declare(libpg_query
    GIT_REPOSITORY https://github.com/pganalyze/libpg_query.git
    GIT_TAG ${PGREHEARSE_LIBPG_QUERY_TAG}
    GIT_SHALLOW TRUE
    SOURCE_SUBDIR none) # no CMakeLists.txt there: only fetch
  FetchContent_MakeAvailable(libpg_query)
  set(_pgq_src ${libpg_query_SOURCE_DIR})
  file(GLOB _pgq_files ${_pgq_src}/src/postgres/*.c)
  if(NOT _pgq_files)
    message(FATAL_ERROR "libpg_query: no parser sources in ${_pgq_src}")
  endif()
  pgrehearse_read_grammar_version(${_pgq_src}/src/postgres/include PGREHEARSE_GRAMMAR_VERSION)
  if(PGREHEARSE_GRAMMAR_VERSION VERSION_LESS 17)
    message(FATAL_ERROR "libpg_query: ${_pgq_src} has the grammar of PostgreSQL ${PGREHEARSE_GRAMMAR_VERSION}, older than 17")
  endif()
  add_library(pgrehearse_pg_query STATIC ${_pgq_src}/src/pg_query.c ${_pgq_files})
  target_include_directories(pgrehearse_pg_query SYSTEM PUBLIC
    ${_pgq_src} ${_pgq_src}/src ${_pgq_src}/src/include ${_pgq_src}/src/postgres/include)
  target_compile_options(pgrehearse_pg_query PRIVATE -fno-strict-aliasing -fwrapv -w)
  set_target_properties(pgrehearse_pg_query PROPERTIES C_STANDARD 11) # newer compilers default to C23, which it is not
  target_link_libraries(pgrehearse_pg_query PUBLIC m Threads::Threads)
  if(NOT FETCHCONTENT_SOURCE_DIR_LIBPG_QUERY) # else it is whatever the user has there
    set(PGREHEARSE_LIBPG_QUERY_VERSION ${PGREHEARSE_LIBPG_QUERY_TAG})
  endif()
  set(_pgq_from ${_pgq_src})
endmacro()

set(PGREHEARSE_LIBPG_QUERY_VERSION "")
if(PGREHEARSE_LIBPG_QUERY)
  pgrehearse_try_pg_query("${PGREHEARSE_LIBPG_QUERY}" _pgq_found)
  if(NOT _pgq_found)
    message(FATAL_ERROR "no usable libpg_query in PGREHEARSE_LIBPG_QUERY=${PGREHEARSE_LIBPG_QUERY}: wanted are a static "
      "archive and include/pg_query/postgres with the headers of PostgreSQL 17 or newer")
  endif()
else()
  pgrehearse_try_pg_query("" _pgq_found)
  if(NOT _pgq_found)
    # Folders are named libpg_query-<version>, e.g. libpg_query-18.1.0-2.
    file(GLOB _pgq_unpacked ${PGREHEARSE_CACHE_DIR}/deps/libpg_query-*)
    list(SORT _pgq_unpacked COMPARE NATURAL ORDER DESCENDING)
    foreach(_pgq_dir ${_pgq_unpacked})
      pgrehearse_try_pg_query("${_pgq_dir}" _pgq_found)
      if(_pgq_found)
        string(REGEX REPLACE ".*/libpg_query-" "" PGREHEARSE_LIBPG_QUERY_VERSION "${_pgq_dir}")
        break()
      endif()
    endforeach()
  endif()
  if(NOT _pgq_found)
    pgrehearse_fetch_pg_query()
  endif()
endif()
message(STATUS "libpg_query: ${_pgq_from} (grammar of PostgreSQL ${PGREHEARSE_GRAMMAR_VERSION})")
