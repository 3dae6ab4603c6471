# Uses Rondo as WAY does, in SCRATCH, which is emptied: a folder with nothing in it but my_project/my_program.cpp and rondo/, a
# copy of what is needed of ROOT. WAY holds what a user writes:
#
# - commands.sh is run there, with COMPILER as g++ and as CMake's compiler. If it makes my_program, that is run.
# - my_program.cpp is used instead of the one that the others have.
# - CMakeLists.txt is put into my_project, which is then built and run. LOOK is a script that looks at it from inside.
#
# INSTALLED is the SCRATCH of the test that installs VERSION. All must compile without a warning.

cmake_minimum_required(VERSION 3.24)

set(program ${CMAKE_CURRENT_LIST_DIR}/my_program.cpp)
if(EXISTS ${WAY}/my_program.cpp)
    set(program ${WAY}/my_program.cpp)
endif()
file(REMOVE_RECURSE ${SCRATCH})
file(COPY ${ROOT}/CMakeLists.txt ${ROOT}/include DESTINATION ${SCRATCH}/rondo)
file(COPY ${program} DESTINATION ${SCRATCH}/my_project)

set(environment
    "CXX=${COMPILER}"
    "CXXFLAGS=${FLAGS} -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
    "CMAKE_GENERATOR=${GENERATOR}"
    CMAKE_BUILD_TYPE=Debug
    CMAKE_PREFIX_PATH=${INSTALLED}/.local
    PKG_CONFIG_PATH=${INSTALLED}/.local/share/pkgconfig
    VERSION_OF_RONDO=${VERSION}
)
function(run)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env ${environment} ${ARGN}
        WORKING_DIRECTORY ${SCRATCH}
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
    )
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${output}\nThis failed (${status}): ${command}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

set(programs 0)
function(run_program path)
    run(${path})
    if(NOT output STREQUAL "The answer is 42\n")
        message(FATAL_ERROR "${path} prints\n${output}")
    endif()
    math(EXPR programs "${programs} + 1")
    set(programs ${programs} PARENT_SCOPE)
endfunction()

if(EXISTS ${WAY}/commands.sh)
    run(HOME=${SCRATCH} bash -euc "g++() { $CXX $CXXFLAGS \"$@\"\n}\nsource '${WAY}/commands.sh'")
    message("${output}")
    if(EXISTS ${SCRATCH}/my_program)
        run_program(${SCRATCH}/my_program)
    endif()
endif()
if(EXISTS ${WAY}/CMakeLists.txt)
    file(COPY ${WAY}/CMakeLists.txt DESTINATION ${SCRATCH}/my_project)
    set(look -DCMAKE_PROJECT_TOP_LEVEL_INCLUDES=${LOOK})
    run(${CMAKE_COMMAND} -S my_project -B build --warn-uninitialized ${look})
    if(output MATCHES "CMake [A-Za-z ]*Warning")
        message(FATAL_ERROR "${output}")
    endif()
    run(${CMAKE_COMMAND} --build build)
    run_program(${SCRATCH}/build/my_program)

    # Rondo is not installed together with its host.
    run(${CMAKE_COMMAND} --install build --prefix installed)
    file(GLOB installed ${SCRATCH}/installed/*)
    if(installed)
        message(FATAL_ERROR "There is something to install: ${installed}")
    endif()
endif()
message("${programs} programs have run.")
