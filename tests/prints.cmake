# Runs PROGRAM, with ARGUMENT if there is one. It must print the file EXPECTED, byte for byte, and end with the code in the
# file EXPECTED_CODE: 0 if there is none. What it prints on stderr is not compared.

cmake_minimum_required(VERSION 3.24)

if(NOT EXISTS ${EXPECTED})
    message(FATAL_ERROR "${EXPECTED} does not exist. It says what the program must print.")
endif()

set(expected_code 0)
if(EXPECTED_CODE)
    file(STRINGS ${EXPECTED_CODE} expected_code)
endif()

string(SHA1 unique "${PROGRAM} ${ARGUMENT}") # tests run side by side, and two may share an expectation
set(actual ${CMAKE_CURRENT_BINARY_DIR}/${unique}.out)
execute_process(
    COMMAND ${PROGRAM} ${ARGUMENT}
    OUTPUT_FILE ${actual}
    ERROR_VARIABLE errors
    RESULT_VARIABLE status
)
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${EXPECTED} ${actual} RESULT_VARIABLE different ERROR_QUIET)
file(READ ${EXPECTED} expected)
file(READ ${actual} printed)
file(REMOVE ${actual})
if(different OR NOT status STREQUAL expected_code)
    message("expected:\n${expected}\nprinted:\n${printed}\n${errors}")
    message(FATAL_ERROR "${PROGRAM} ${ARGUMENT} does not print what it should, or ends with ${status} and not ${expected_code}.")
endif()
