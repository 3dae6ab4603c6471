# Breaks every rule of layers.cmake once, in a house of its own in SCRATCH, and sees whether it is noticed.

cmake_minimum_required(VERSION 3.24)

# A sound house: write(path line ...) adds to it, or spoils it.
function(write path)
    list(JOIN ARGN "\n" text)
    file(WRITE ${SCRATCH}/${path} "${text}\n")
endfunction()

function(build_sound_house)
    file(REMOVE_RECURSE ${SCRATCH})
    set(first "#include <rondo/base/config.hpp>")
    write(include/rondo/base/config.hpp "")
    write(include/rondo/base/list.hpp "#include <vector>")
    write(include/rondo/base/error.hpp "#include <rondo/base/list.hpp>")
    write(include/rondo/fwd.hpp "")
    write(include/rondo/loop/loop.hpp "#include <rondo/base/error.hpp>" "///     #include <rondo/web.hpp>")
    write(include/rondo/promise/promise.hpp "#include <rondo/fwd.hpp>" "#include <rondo/loop/loop.hpp>")
    write(include/rondo/promise.hpp ${first} "#include <rondo/promise/promise.hpp>")
    write(include/rondo/rondo.hpp ${first} "#include <rondo/promise.hpp>")
    write(include/rondo/fetch/detail/curl.hpp "#include <rondo/loop/loop.hpp>")
    write(include/rondo/fetch/fetch.hpp "#include <rondo/fetch/detail/curl.hpp>")
    foreach(test base/error loop/loop promise/promise fetch/fetch)
        write(tests/${test}.cpp "TEST_CASE(\"it works\") {}")
    endforeach()
endfunction()

set(failures 0)
function(expect sentence)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH} -P ${CMAKE_CURRENT_LIST_DIR}/../layers.cmake
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
    )
    string(FIND "${output}" "${sentence}" found)
    if(sentence STREQUAL "nothing to complain about")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "A sound house is refused:\n${output}")
        endif()
    elseif(status EQUAL 0 OR found EQUAL -1)
        message(SEND_ERROR "Not noticed: ${sentence}\n${output}")
    endif()
    build_sound_house()
endfunction()

build_sound_house()
expect("nothing to complain about")

write(include/rondo/base/list.hpp "  #  include <rondo/loop/loop.hpp>")
expect("base/list.hpp: includes upward, loop/loop.hpp")

write(include/rondo/rondo.hpp "#include <rondo/dom.hpp>")
expect("rondo.hpp: includes upward, dom.hpp")

write(include/rondo/base/list.hpp "#include <rondo/base/error.hpp>")
expect("a circle of includes: base/error.hpp -> base/list.hpp -> base/error.hpp")

write(include/rondo/promise.hpp "#include <rondo/promise/promise.hpp>" "#include <rondo/base/config.hpp>")
expect("promise.hpp: a chapter includes <rondo/base/config.hpp> first")

string(REPEAT "\n" 401 long)
write(include/rondo/base/list.hpp "${long}")
expect("base/list.hpp: 402 lines, and the ceiling is 400")

write(include/rondo/promise/promise.hpp "#include <rondo/fetch/fetch.hpp>")
expect("promise/promise.hpp: leans on a leaf, fetch/fetch.hpp")

write(include/rondo/storage/cache.hpp "#include <rondo/fetch/fetch.hpp>")
expect("storage/cache.hpp: leans on another leaf, fetch/fetch.hpp")

write(include/rondo/fetch/fetch.hpp "#include <rondo/promise.hpp>")
expect("fetch/fetch.hpp: includes a chapter, promise.hpp")

write(include/rondo/promise/promise.hpp "#include \"../loop/loop.hpp\"")
expect("promise/promise.hpp: includes \"../loop/loop.hpp\"")

write(include/rondo/utilities/list.hpp "")
expect("utilities/list.hpp: there is no floor `utilities`")

write(include/rondo/base/list.hpp "#include <rondo/utilities/list.hpp>")
expect("base/list.hpp: includes utilities/list.hpp, and there is no floor `utilities`")

write(include/rondo/loop/detail/heap.hpp "")
expect("loop/detail/heap.hpp: a detail/ is a junk drawer")

file(REMOVE ${SCRATCH}/tests/loop/loop.cpp)
expect("loop/loop.hpp: has no test, tests/loop/loop.cpp")

file(REMOVE ${SCRATCH}/tests/base/error.cpp)
expect("base/error.hpp: has no test, tests/base/error.cpp")

write(tests/loop/loop.cpp "")
expect("loop/loop.hpp: its test, tests/loop/loop.cpp, is empty")

foreach(heavy iostream functional regex format)
    write(include/rondo/base/list.hpp "#include <${heavy}>")
    expect("base/list.hpp: includes <${heavy}>, too heavy for a header")
endforeach()
