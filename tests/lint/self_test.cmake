# Breaks every rule of lint.cmake once, in files of its own in SCRATCH, and sees whether it is noticed.

cmake_minimum_required(VERSION 3.24)

function(expect sentence file text)
    file(REMOVE_RECURSE ${SCRATCH})
    file(WRITE ${SCRATCH}/${file} "${text}")
    execute_process(
        COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH} -P ${CMAKE_CURRENT_LIST_DIR}/../lint.cmake
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

expect("tests/a.cpp:3: co_await inside" tests/a.cpp "int a;\n\nCHECK(co_await x == 7);")
expect("tests/a.cpp:1: co_await inside" tests/a.cpp "REQUIRE_THROWS_AS(f(1,\n co_await x), E);")
expect("nothing" tests/a.cpp "auto v = co_await x; CHECK(v == 7); co_await y;")
expect("nothing" tests/a.cpp "CHECK(f([]() -> Promise<int> { co_return co_await x; }) == 7);")

expect("tests/a.cpp:2: a `;`" tests/a.cpp "\nTEST_CASE(\"one; two\") {}")
expect("tests/a.cpp:1: a `;`" tests/a.cpp "ASYNC_TEST_CASE(\"one \"\n \"two [three]\") {}")
expect("nothing" tests/a.cpp "TEST_CASE(\"one, two\", \"[tag]\") { f(); }")

expect("tests/promise/a.cpp:1: a test sleeps" tests/promise/a.cpp "sleep_for(1s);")
expect("nothing" tests/stress/a.cpp "sleep_for(1s);")

expect("tests/fetch/a.cpp:1: a test sleeps" tests/fetch/a.cpp "sleep_for(1s);")

set(same "TEST_CASE(\"one and the same\") {}\nTEST_CASE(\"another\") {}\n")
expect("tests/a/b/c.cpp: another test of this program has the name" tests/a/b/c.cpp "${same}ASYNC_TEST_CASE(\"one and \"\n    \"the same\") {}")
expect("nothing" tests/a/b/c.cpp "${same}TEST_CASE(\"one and the same \\\"again\\\"\") {}\nTEST_CASE(\"one and the same \\\"now\\\"\") {}")

expect("include/rondo/a.hpp:1: left over" include/rondo/a.hpp "// TODO: later")
expect("README.md:2: left over" README.md "\nFIXME")

expect("include/a.hpp:2: a NOLINT" include/a.hpp "\nint a; // NOLINT")
expect("include/a.hpp:1: a NOLINT" include/a.hpp "int a; // NOLINT(some-check)")
expect("include/a.hpp:1: a NOLINT" include/a.hpp "// NOLINTNEXTLINE: because")
expect("nothing" include/a.hpp "int a; // NOLINT(some-check): because")
expect("nothing" include/a.hpp "// NOLINTBEGIN(some-check): because\n// NOLINTEND(some-check)")
