# SPDX-License-Identifier: Apache-2.0
#
# toml++: an installed one, else the package that tools/setup unpacked into the cache, else FetchContent. Headers only.
# Gives: target pgrehearse_toml.

include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/Cache.cmake)

find_path(PGREHEARSE_TOML_INCLUDE toml++/toml.h)
if(NOT PGREHEARSE_TOML_INCLUDE)
  file(GLOB _toml_unpacked ${PGREHEARSE_CACHE_DIR}/deps/toml-*/usr/include)
  find_path(PGREHEARSE_TOML_INCLUDE toml++/toml.h PATHS ${_toml_unpacked} NO_DEFAULT_PATH)
endif()
if(NOT PGREHEARSE_TOML_INCLUDE)
  include(FetchContent)
  FetchContent_Declare(tomlplusplus
    GIT_REPOSITORY https://github.com/marzer/tomlplusplus.git
    GIT_TAG v3.4.0
    GIT_SHALLOW TRUE
    SOURCE_SUBDIR none) # only fetch
  FetchContent_MakeAvailable(tomlplusplus)
  set(PGREHEARSE_TOML_INCLUDE ${tomlplusplus_SOURCE_DIR}/include)
endif()
add_library(pgrehearse_toml INTERFACE)
target_include_directories(pgrehearse_toml SYSTEM INTERFACE ${PGREHEARSE_TOML_INCLUDE})
