# Says what is not true in a README of its own in SCRATCH, and sees whether readme.cmake notices it. Nothing is compiled here.

cmake_minimum_required(VERSION 3.24)

function(expect sentence)
    list(JOIN ARGN "\n" text)
    file(WRITE ${SCRATCH}/README.md "# A `title`, of ours\n${text}\n")
    execute_process(
        COMMAND ${CMAKE_COMMAND} -DREADME=${SCRATCH}/README.md -DSCRATCH=${SCRATCH} -P ${CMAKE_CURRENT_LIST_DIR}/../readme.cmake
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
    )
    string(FIND "${output}" "${sentence}" found)
    if(sentence STREQUAL "nothing")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "Refused without reason: ${text}\n${output}")
        endif()
    elseif(status EQUAL 0 OR found EQUAL -1)
        message(SEND_ERROR "Not noticed: ${sentence}\n${text}\n${output}")
    endif()
endfunction()

foreach(language cpp cmake sh)
    expect("README.md:3: tests/lint.cmake does not read like this" "\n```${language} tests/lint.cmake" "no(such line)" "```")
    expect("nothing" "\n```${language} tests/lint.cmake" "set(failures 0)" "```")
endforeach()
expect("tests/gone.cmake does not read like this" "" "```cmake tests/gone.cmake" "set(a 0)" "```")
expect("README.md:2: this block is not quoted" "" "```cmake" "set(a 0)" "```")
expect("README.md:2: this block is not quoted" "" "```sh" "cmake --version" "```")

expect("README.md:2: there is no tests/gone" "Type `tests/gone -R x`, or not.")
expect("README.md:3: there is no examples/gone.cpp" "" "    g++ examples/gone.cpp")
expect("nothing" "Type `tests/run -R x`, or tests/run. In tests/order/NAME.cpp" "    cmake tests/run")
expect("README.md:2: there is no preset unset" "`cmake --preset unset`")
expect("nothing" "`cmake --preset dev`")
expect("README.md:3: there is no option RONDO_GONE" "" "`-DRONDO_GONE=ON`")
expect("nothing" "`-DRONDO_INSTALL=ON`")

expect("README.md:2: there is no ${SCRATCH}/gone.md" "[here](gone.md)")
expect("README.md has no heading gone" "[here](#gone)")
expect("README.md has no heading gone" "[here](./README.md#gone)")
expect("nothing" "[here](README.md), [there](#a-title-of-ours), [elsewhere](https://example.org/#x)")
