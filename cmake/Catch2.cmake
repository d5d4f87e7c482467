# SPDX-License-Identifier: Apache-2.0
#
# Catch2 v3: an installed one, else the package that tools/setup unpacked into the cache, else FetchContent.
# Gives: target Catch2::Catch2WithMain and catch_discover_tests().

include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/Cache.cmake)

find_package(Catch2 3 QUIET)
if(NOT Catch2_FOUND)
  file(GLOB _catch2_unpacked ${PGREHEARSE_CACHE_DIR}/deps/catch2-*)
  list(SORT _catch2_unpacked COMPARE NATURAL ORDER DESCENDING)
  list(TRANSFORM _catch2_unpacked APPEND /usr)
  if(_catch2_unpacked)
    find_package(Catch2 3 QUIET PATHS ${_catch2_unpacked} NO_DEFAULT_PATH)
  endif()
endif()
if(NOT Catch2_FOUND)
  include(FetchContent)
  FetchContent_Declare(Catch2
    GIT_REPOSITORY https://github.com/catchorg/Catch2.git
    GIT_TAG v3.7.1
    GIT_SHALLOW TRUE)
  FetchContent_MakeAvailable(Catch2)
  list(APPEND CMAKE_MODULE_PATH ${catch2_SOURCE_DIR}/extras)
endif()
include(Catch)
