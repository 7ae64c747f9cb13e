# Writes lib/csp-race/toolchain.json, from which `csp-race c++` knows its headers and libraries. In link order.
set(csp_toolchain_targets csp_detector csp_leak csp_report csp_runtime csp_hooks)
set(csp_toolchain_link_flags "-pthread" "-Wl,-u,csp_leak_register")
find_package(Boost 1.81 REQUIRED COMPONENTS context)
set(csp_toolchain_system_libraries $<TARGET_FILE:Boost::context> ${CSP_RACE_BACKTRACE_LIBRARY})

set(build_libraries)
set(install_libraries)
foreach(target IN LISTS csp_toolchain_targets)
  list(APPEND build_libraries $<TARGET_FILE:${target}>)
  list(APPEND install_libraries ${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:${target}>)
endforeach()
list(APPEND build_libraries ${csp_toolchain_system_libraries})
list(APPEND install_libraries ${csp_toolchain_system_libraries})
set(build_include_dirs $<TARGET_PROPERTY:csp_csp,INTERFACE_INCLUDE_DIRECTORIES>
                       $<TARGET_PROPERTY:csp_detector,INTERFACE_INCLUDE_DIRECTORIES>)

# The inside of a JSON array of strings. Elements may be generator expressions that are lists themselves.
function(csp_json_array result)
  set(${result} "\"$<JOIN:$<REMOVE_DUPLICATES:${ARGN}>,\"$<COMMA> \">\"" PARENT_SCOPE)
endfunction()

csp_json_array(build_include_json ${build_include_dirs})
csp_json_array(build_library_json ${build_libraries})
csp_json_array(install_library_json ${install_libraries})
# These have commas, which a generator expression would take as its own.
list(JOIN csp_toolchain_link_flags "\", \"" link_flag_json)
set(link_flag_json "\"${link_flag_json}\"")

set(toolchain_dir ${PROJECT_BINARY_DIR}/lib/csp-race)
file(GENERATE OUTPUT ${toolchain_dir}/toolchain.json CONTENT "{
  \"compiler\": \"clang++-19\",
  \"include_dirs\": [${build_include_json}],
  \"libraries\": [${build_library_json}],
  \"link_flags\": [${link_flag_json}],
  \"gcc_specs\": \"lib/csp-race/gcc.specs\"
}
")
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/installed/toolchain.json CONTENT "{
  \"compiler\": \"clang++-19\",
  \"include_dirs\": [\"${CMAKE_INSTALL_INCLUDEDIR}\"],
  \"libraries\": [${install_library_json}],
  \"link_flags\": [${link_flag_json}],
  \"gcc_specs\": \"${CMAKE_INSTALL_LIBDIR}/csp-race/gcc.specs\"
}
")
configure_file(toolchain/gcc.specs ${toolchain_dir}/gcc.specs COPYONLY)

if(CSP_RACE_INSTALL)
  install(TARGETS csp_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${PROJECT_BINARY_DIR}/installed/toolchain.json toolchain/gcc.specs DESTINATION ${CMAKE_INSTALL_LIBDIR}/csp-race)
endif()
