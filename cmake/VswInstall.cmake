# What "cmake --install" leaves: headers, libraries, the program, the configs
# and traces it reads, and what find_package() and pkg-config need to find it.

include(CMakePackageConfigHelpers)

set(VSW_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/vswsim)

# Sets 'out' to the "PREFIX module" pairs of the libraries of 'name' that
# pkg-config found: "JANSSON jansson PCAP libpcap".
function(vsw_pkg_modules out name)
  get_property(libs GLOBAL PROPERTY VSW_LIBS_OF_${name})
  set(pairs "")
  foreach(lib IN LISTS libs)
    if(lib MATCHES "^PkgConfig::(.*)$")
      list(APPEND pairs ${CMAKE_MATCH_1} ${${CMAKE_MATCH_1}_MODULE_NAME})
    endif()
  endforeach()
  set(${out} "${pairs}" PARENT_SCOPE)
endfunction()

# vsw_install_pc(LIBRARY PC DESCRIPTION REQUIRES): lib/pkgconfig/PC.pc, which
# finds its files from its own place, so that the tree can be moved.
function(vsw_install_pc library pc description requires)
  vsw_pkg_modules(pairs ${library})
  set(PC_REQUIRES_PRIVATE "")
  while(pairs)
    list(POP_FRONT pairs prefix module)
    string(APPEND PC_REQUIRES_PRIVATE " ${module}")
  endwhile()
  get_property(libs GLOBAL PROPERTY VSW_LIBS_OF_${library})
  set(PC_LIBS_PRIVATE "")
  if("m" IN_LIST libs)
    string(APPEND PC_LIBS_PRIVATE " -lm")
  endif()
  if("Threads::Threads" IN_LIST libs)
    string(APPEND PC_LIBS_PRIVATE " -pthread")
  endif()
  set(PC_NAME ${pc})
  set(PC_LIBRARY ${library})
  set(PC_DESCRIPTION ${description})
  set(PC_REQUIRES ${requires})
  file(RELATIVE_PATH PC_PREFIX
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/vswsim.pc.in
    ${PROJECT_BINARY_DIR}/${pc}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

function(vsw_install_package)
  get_property(libraries GLOBAL PROPERTY VSW_LIBRARIES)
  set(VSW_STATIC_MODULES "")
  foreach(library IN LISTS libraries)
    install(TARGETS ${library}_shared EXPORT vswsimSharedTargets)
    install(TARGETS ${library}_static EXPORT vswsimStaticTargets)
    vsw_pkg_modules(pairs ${library})
    list(APPEND VSW_STATIC_MODULES ${pairs})
  endforeach()
  foreach(kind IN ITEMS Shared Static)
    install(EXPORT vswsim${kind}Targets NAMESPACE vswsim::
      DESTINATION ${VSW_PACKAGE_DIR})
  endforeach()
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/vswsimConfig.cmake.in
    ${PROJECT_BINARY_DIR}/vswsimConfig.cmake
    INSTALL_DESTINATION ${VSW_PACKAGE_DIR})
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/vswsimConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/vswsimConfig.cmake
    ${PROJECT_BINARY_DIR}/vswsimConfigVersion.cmake
    DESTINATION ${VSW_PACKAGE_DIR})
endfunction()

function(vsw_install)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vswsim
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs
    ${PROJECT_SOURCE_DIR}/traces DESTINATION ${CMAKE_INSTALL_DATADIR}/vswsim)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
  if(TARGET vswsim)
    install(TARGETS vswsim)
  endif()
  vsw_install_package()
  vsw_install_pc(vswsim vswsim "${PROJECT_DESCRIPTION}" "")
  vsw_install_pc(vswdatapath vswsim-datapath
    "Datapath of vswsim: flow tables, hashes and policies" "")
  if(TARGET room_live)
    vsw_install_pc(vswlive vswsim-live
      "Datapath objects of vswsim on a libevent loop" "vswsim-datapath")
  endif()
endfunction()
