# One static library per source folder: pgrehearse_library(FOLDER [LIBRARIES BELOW IT...]). A folder that needs more than
# its sources (a generated file, a third-party library) says so in its own CMakeLists.txt, run with target FOLDER defined.
add_library(pgrehearse_options INTERFACE)
target_compile_options(pgrehearse_options INTERFACE -Wall -Wextra -Wnon-virtual-dtor -fno-strict-aliasing $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  # False alarms about std::string's operator+ (GCC bugs 105329 and 105651).
  target_compile_options(pgrehearse_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # clang warns of std::stable_sort's own use of a deprecated helper inside libstdc++ 12.
  target_compile_options(pgrehearse_options INTERFACE -Wno-deprecated-declarations)
endif()
target_include_directories(pgrehearse_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(pgrehearse_options INTERFACE FMT_HEADER_ONLY=1)

# The standard library costs each file more than its own code does; it is read once for all folders.
file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
add_library(pgrehearse_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
target_link_libraries(pgrehearse_pch PRIVATE pgrehearse_options)
target_precompile_headers(pgrehearse_pch PRIVATE <algorithm> <array> <cstdint> <expected> <filesystem> <functional> <map>
  <memory> <optional> <string> <string_view> <unordered_map> <utility> <vector>)

function(pgrehearse_library folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp ${PROJECT_SOURCE_DIR}/${folder}/*/*.cpp)
  add_library(${folder} STATIC ${sources})
  target_link_libraries(${folder} PUBLIC ${ARGN} PRIVATE pgrehearse_options)
  target_precompile_headers(${folder} REUSE_FROM pgrehearse_pch)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${folder})
  endif()
endfunction()
