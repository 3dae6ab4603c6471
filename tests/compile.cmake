# Compiles SOURCE with COMPILER and FLAGS. Its first line says what must come of it:
#
#     // compiles
#     // error: a regular expression, which an error message of the compiler must match
#     // only error: the same, and nothing else may be wrong, but that the compiler stops there
#
# More flags may stand anywhere in it, `// flags: -O2 -DNDEBUG`.

cmake_minimum_required(VERSION 3.24)

set(flags "")
file(STRINGS ${SOURCE} line REGEX "^// flags: ")
if(line MATCHES ": (.+)$")
    set(flags ${CMAKE_MATCH_1})
endif()
separate_arguments(FLAGS NATIVE_COMMAND "${FLAGS} ${flags} -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror")
execute_process(
    COMMAND ${COMPILER} ${FLAGS} -I${INCLUDE} -fsyntax-only ${SOURCE}
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output
    RESULT_VARIABLE status
)

file(STRINGS ${SOURCE} first LIMIT_COUNT 1)
if(first MATCHES "^// (only )?error: (.+)$")
    set(only ${CMAKE_MATCH_1})
    set(sentence ${CMAKE_MATCH_2})
    string(REGEX MATCHALL "error: [^\n]*" errors "${output}")
    list(FILTER errors EXCLUDE REGEX "${sentence}|the error above")
    if(status EQUAL 0)
        message(FATAL_ERROR "It compiles, but should be refused with: ${sentence}")
    elseif(NOT output MATCHES "error: [^\n]*${sentence}")
        message("${output}")
        message(FATAL_ERROR "It is refused, as it should be, but not with: ${sentence}")
    elseif(only AND errors)
        message("${output}")
        message(FATAL_ERROR "It is refused, as it should be, but with more than: ${sentence}")
    endif()
elseif(first STREQUAL "// compiles")
    if(NOT status EQUAL 0)
        message("${output}")
        message(FATAL_ERROR "It should compile, but does not.")
    endif()
else()
    message(FATAL_ERROR "${SOURCE}: the first line must be `// compiles`, `// error: <regex>` or `// only error: <regex>`.")
endif()
