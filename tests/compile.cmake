# Compiles SOURCE with COMPILER and FLAGS. Its first line says what must come of it:
#
#     // compiles
#     // error: a regular expression, which an error message of the compiler must match

cmake_minimum_required(VERSION 3.24)

separate_arguments(FLAGS NATIVE_COMMAND "${FLAGS} -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror")
execute_process(
    COMMAND ${COMPILER} ${FLAGS} -I${INCLUDE} -fsyntax-only ${SOURCE}
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output
    RESULT_VARIABLE status
)

file(STRINGS ${SOURCE} first LIMIT_COUNT 1)
if(first MATCHES "^// error: (.+)$")
    set(sentence ${CMAKE_MATCH_1})
    if(status EQUAL 0)
        message(FATAL_ERROR "It compiles, but should be refused with: ${sentence}")
    elseif(NOT output MATCHES "error: [^\n]*${sentence}")
        message("${output}")
        message(FATAL_ERROR "It is refused, as it should be, but not with: ${sentence}")
    endif()
elseif(first STREQUAL "// compiles")
    if(NOT status EQUAL 0)
        message("${output}")
        message(FATAL_ERROR "It should compile, but does not.")
    endif()
else()
    message(FATAL_ERROR "${SOURCE}: the first line must be `// compiles` or `// error: <regex>`.")
endif()
