# Each folder of src/ is a room: an object library named room_<name>.  The
# rooms base, hash, flowtable and policy make up the datapath library; all
# but live, the simulator library; live is a library of its own, so that only
# its users need libevent.

set(VSW_DATAPATH_ROOMS base hash flowtable policy)
set(VSW_SIMULATOR_ROOMS core mech guest models io report)

# Warnings and sanitizers, for all that is compiled here.  Semantic
# interposition is off because it would keep the compiler from inlining any
# exported function within its own file.
add_library(vsw_flags INTERFACE)
target_compile_options(vsw_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -ffp-contract=off -fno-semantic-interposition
  $<$<BOOL:${VSW_WERROR}>:-Werror>
  $<$<BOOL:${VSW_SANITIZE}>:-fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer>)
target_link_options(vsw_flags INTERFACE
  $<$<BOOL:${VSW_SANITIZE}>:-fsanitize=address,undefined>)

# vsw_room(NAME SOURCES file... [LIBS target...])
function(vsw_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  set(target room_${name})
  if(ARG_SOURCES)
    add_library(${target} OBJECT ${ARG_SOURCES})
    set_target_properties(${target} PROPERTIES
      POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    target_include_directories(${target} PRIVATE
      ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L
      VSW_DATA_DIR="${CMAKE_INSTALL_FULL_DATADIR}/vswsim"
      VSW_VERSION="${PROJECT_VERSION}")
    target_link_libraries(${target} PRIVATE vsw_flags ${ARG_LIBS})
  endif()
  set_property(GLOBAL PROPERTY VSW_LIBS_${name} "${ARG_LIBS}")
endfunction()

# vsw_make_library(NAME ALIAS ROOMS room... [NEEDS library...]): the targets
# NAME_static and NAME_shared, also known as vswsim::ALIAS_static and
# vswsim::ALIAS.  NEEDS are libraries made here before.
function(vsw_make_library name alias)
  cmake_parse_arguments(ARG "" "" "ROOMS;NEEDS" ${ARGN})
  set(objects "")
  set(libs "")
  foreach(room IN LISTS ARG_ROOMS)
    if(TARGET room_${room})
      list(APPEND objects $<TARGET_OBJECTS:room_${room}>)
    endif()
    get_property(room_libs GLOBAL PROPERTY VSW_LIBS_${room})
    list(APPEND libs ${room_libs})
  endforeach()
  list(REMOVE_DUPLICATES libs)
  set_property(GLOBAL PROPERTY VSW_LIBS_OF_${name} "${libs}")
  set_property(GLOBAL APPEND PROPERTY VSW_LIBRARIES ${name})

  foreach(kind IN ITEMS STATIC SHARED)
    string(TOLOWER ${kind} suffix)
    set(target ${name}_${suffix})
    set(export_name ${alias})
    if(kind STREQUAL "STATIC")
      string(APPEND export_name _static)
    endif()
    add_library(${target} ${kind} ${objects})
    add_library(vswsim::${export_name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
      EXPORT_NAME ${export_name}
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
      LINKER_LANGUAGE C
      # Installed libraries find each other, wherever they are moved.
      INSTALL_RPATH "$ORIGIN")
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:vsw_flags>
      ${libs})
    foreach(need IN LISTS ARG_NEEDS)
      target_link_libraries(${target} PUBLIC ${need}_${suffix})
    endforeach()
  endforeach()
  # What a shared library needs must be in it, not left to its user.
  target_link_options(${name}_shared PRIVATE
    $<$<NOT:$<BOOL:${VSW_SANITIZE}>>:-Wl,--no-undefined>)
endfunction()

function(vsw_libraries)
  vsw_make_library(vswdatapath datapath ROOMS ${VSW_DATAPATH_ROOMS})
  vsw_make_library(vswsim vswsim
    ROOMS ${VSW_DATAPATH_ROOMS} ${VSW_SIMULATOR_ROOMS})
  if(TARGET room_live)
    vsw_make_library(vswlive live ROOMS live NEEDS vswdatapath)
  endif()
endfunction()

# vsw_test(NAME SOURCES file... [LIBS target...] [ARGS arg...])
# A cmocka program that sees the internal headers and links the static
# simulator library.
function(vsw_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;ARGS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_include_directories(test_${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
    ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(test_${name} PRIVATE _POSIX_C_SOURCE=200809L
    VSW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(test_${name} PRIVATE vsw_flags vswsim_static
    PkgConfig::CMOCKA ${ARG_LIBS})
  add_test(NAME ${name} COMMAND test_${name} ${ARG_ARGS})
endfunction()

# vsw_script_test(NAME SCRIPT file [ARGS arg...]): a shell script that fails
# by its exit status and prints why.
function(vsw_script_test name)
  cmake_parse_arguments(ARG "" "SCRIPT" "ARGS" ${ARGN})
  add_test(NAME ${name}
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SCRIPT} ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()
