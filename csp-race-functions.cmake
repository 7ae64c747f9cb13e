# What a project that uses csp-race may call, from find_package, FetchContent and add_subdirectory alike.

# csp_race_instrument(target): compiles the target's sources for the race detector and links it with
# csp::race. Sources of libraries are instrumented one by one: call it for each of them.
function(csp_race_instrument target)
  get_target_property(options ${target} COMPILE_OPTIONS)
  if("${options}" MATCHES "-fsanitize=[a-z,]*(address|memory|thread)" OR
     "${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=[a-z,]*(address|memory|thread)")
    message(FATAL_ERROR "csp_race_instrument(${target}): the target is already compiled with -fsanitize=${CMAKE_MATCH_1}, "
                        "which cannot be combined with csp-race. Remove that flag for this target.")
  endif()
  target_compile_options(${target} PRIVATE -fsanitize=thread -g -fno-omit-frame-pointer)
  # GCC warns of every fence under -fsanitize=thread; we model fences.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  # It also writes out memcpy and memset in place, unchecked, unless told to call them.
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-mmemcpy-strategy=libcall:-1:noalign> $<$<CXX_COMPILER_ID:GNU>:-mmemset-strategy=libcall:-1:noalign>)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_link_libraries(${target} PRIVATE csp::race)
  endif()
endfunction()

# csp_vet(target): runs the Clang checks while the target is compiled. Needs the clang++ that the plugin was built for.
function(csp_vet target)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19
     OR NOT CMAKE_CXX_COMPILER_VERSION VERSION_LESS 20)
    message(FATAL_ERROR "csp_vet(${target}): the plugin was built for Clang 19, the compiler is "
                        "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}. Use clang++-19, or csp-race vet.")
  endif()
  if(TARGET csp_clang_plugin)
    target_compile_options(${target} PRIVATE -fplugin=$<TARGET_FILE:csp_clang_plugin>)
    add_dependencies(${target} csp_clang_plugin)
  elseif(CSP_RACE_CLANG_PLUGIN)
    target_compile_options(${target} PRIVATE -fplugin=${CSP_RACE_CLANG_PLUGIN})
  else()
    message(FATAL_ERROR "csp_vet(${target}): this csp-race was built without its Clang plugin.")
  endif()
endfunction()
