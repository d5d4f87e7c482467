# One static library per source folder: pgrehearse_library(FOLDER [LIBRARIES BELOW IT...]). A folder that needs more than
# its sources (a generated file, a third-party library) says so in its own CMakeLists.txt, run with target FOLDER defined.
add_library(pgrehearse_options INTERFACE)
target_compile_options(pgrehearse_options INTERFACE -Wall -Wextra -Wnon-virtual-dtor -fno-strict-aliasing $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
  # False alarms about std::string's operator+ and std::vector's insert (GCC bugs 105329 and 105651).
  target_compile_options(pgrehearse_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # clang warns of std::stable_sort's own use of a deprecated helper inside libstdc++ 12.
  target_compile_options(pgrehearse_options INTERFACE -Wno-deprecated-declarations)
endif()
target_include_directories(pgrehearse_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(pgrehearse_options INTERFACE FMT_HEADER_ONLY=1)

# What costs each file more to read than its own code does is read once: pgrehearse_precompiled(NAME HEADERS...) makes a
# library whose precompiled header holds these and the standard library's.
file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
function(pgrehearse_precompiled name)
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
  target_link_libraries(${name} PRIVATE pgrehearse_options)
  target_precompile_headers(${name} PRIVATE <algorithm> <array> <cstdint> <expected> <filesystem> <functional> <map>
    <memory> <optional> <string> <string_view> <unordered_map> <utility> <vector> ${ARGN})
endfunction()
pgrehearse_precompiled(pgrehearse_pch)
pgrehearse_precompiled(pgrehearse_state_pch ${PROJECT_SOURCE_DIR}/migration/schema_state.h)
pgrehearse_precompiled(pgrehearse_rules_pch ${PROJECT_SOURCE_DIR}/linter/rule.h)
foreach(name pgrehearse_state_pch pgrehearse_rules_pch)
  target_link_libraries(${name} PRIVATE pgrehearse_pg_query)
endforeach()

# Folders of many small files: so many of them are compiled as one, which takes a third of the time.
function(pgrehearse_together target files)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${PGREHEARSE_UNITY} UNITY_BUILD_BATCH_SIZE ${files})
endfunction()

function(pgrehearse_library folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp ${PROJECT_SOURCE_DIR}/${folder}/*/*.cpp)
  add_library(${folder} STATIC ${sources})
  target_link_libraries(${folder} PUBLIC ${ARGN} PRIVATE pgrehearse_options)
  set(precompiled pgrehearse_pch)
  if(folder MATCHES "^(migration|impact|runner)$")
    set(precompiled pgrehearse_state_pch)
  elseif(folder MATCHES "^(linter|rules)$")
    set(precompiled pgrehearse_rules_pch)
  endif()
  target_precompile_headers(${folder} REUSE_FROM ${precompiled})
  if(folder MATCHES "^(migration|rules|runner)$")
    pgrehearse_together(${folder} 12)
  endif()
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${folder})
  endif()
endfunction()
