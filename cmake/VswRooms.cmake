# Each folder of src/ is a room: an object library named room_<name>.  The
# rooms base, hash, flowtable and policy make up the datapath library; all
# of them, the simulator library.

set(VSW_DATAPATH_ROOMS base hash flowtable policy)
set(VSW_SIMULATOR_ROOMS core mech guest models io report)

add_library(vsw_flags INTERFACE)
target_compile_features(vsw_flags INTERFACE c_std_11)
target_compile_options(vsw_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -ffp-contract=off
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
      POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
      C_EXTENSIONS OFF)
    target_include_directories(${target} PRIVATE
      ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
    target_link_libraries(${target} PRIVATE vsw_flags ${ARG_LIBS})
  endif()
  set_property(GLOBAL PROPERTY VSW_LIBS_${name} "${ARG_LIBS}")
endfunction()

# vsw_make_library(NAME OUTPUT rooms...): static, and shared beside it.
function(vsw_make_library name)
  set(objects "")
  set(libs "")
  foreach(room IN LISTS ARGN)
    if(TARGET room_${room})
      list(APPEND objects $<TARGET_OBJECTS:room_${room}>)
    endif()
    get_property(room_libs GLOBAL PROPERTY VSW_LIBS_${room})
    list(APPEND libs ${room_libs})
  endforeach()
  foreach(kind IN ITEMS STATIC SHARED)
    string(TOLOWER ${kind} suffix)
    set(target ${name}_${suffix})
    add_library(${target} ${kind} ${objects})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
      LINKER_LANGUAGE C)
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:vsw_flags>
      ${libs})
  endforeach()
endfunction()

function(vsw_libraries)
  vsw_make_library(vswdatapath ${VSW_DATAPATH_ROOMS})
  vsw_make_library(vswsim ${VSW_DATAPATH_ROOMS} ${VSW_SIMULATOR_ROOMS})
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
