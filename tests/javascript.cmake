# The JavaScript in the first comment of SOURCE, which is what is indented there, is run by NODE as the file SCRATCH. It
# must print the file EXPECTED.

cmake_minimum_required(VERSION 3.24)

file(READ ${SOURCE} rest)
set(script "")
while(rest MATCHES "^//") # to the first line that is no comment
    string(FIND "${rest}" "\n" end)
    string(SUBSTRING "${rest}" 0 ${end} line)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" ${end} -1 rest)
    if(line MATCHES "^//     (.*)$")
        string(APPEND script "${CMAKE_MATCH_1}\n")
    elseif(line STREQUAL "//")
        string(APPEND script "\n")
    endif()
endwhile()
string(STRIP "${script}" code)
if(code STREQUAL "")
    message(FATAL_ERROR "${SOURCE}: there is no JavaScript in the first comment, indented by five columns behind the //")
endif()
file(WRITE ${SCRATCH} "${script}")

set(PROGRAM ${NODE})
set(ARGUMENT ${SCRATCH})
include(${CMAKE_CURRENT_LIST_DIR}/prints.cmake)
