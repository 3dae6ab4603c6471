# What a README says is true. Every ```cpp block of README is built with COMPILER and FLAGS, in the folder SCRATCH:
#
# - One that has a main() must run, with the line "Ada" to read, and print what the ```text block right behind it says, or
#   a comment in it that ends in "print ...", with spaces for the ends of lines.
# - Others need only compile; one without includes is taken to stand below `using namespace rondo`.
#
# A block that begins with ```cpp path/of/file is quoted from that file of the project. What is linked to must be there.

cmake_minimum_required(VERSION 3.24)

get_filename_component(folder ${README} DIRECTORY)
file(MAKE_DIRECTORY ${SCRATCH})
file(WRITE ${SCRATCH}/input "Ada\n")
separate_arguments(FLAGS NATIVE_COMMAND "${FLAGS} -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -pthread")
set(failures 0)

function(complain sentence)
    message("${README}:${line}: ${sentence}")
    math(EXPR failures "${failures} + 1")
    set(failures ${failures} PARENT_SCOPE)
endfunction()

# Cuts `rest` at the first `mark`; false if there is none.
macro(cut mark before)
    string(FIND "${rest}" "${mark}" at)
    if(at EQUAL -1)
        set(found FALSE)
    else()
        set(found TRUE)
        string(LENGTH "${mark}" length)
        string(SUBSTRING "${rest}" 0 ${at} ${before})
        math(EXPR at "${at} + ${length}")
        string(SUBSTRING "${rest}" ${at} -1 rest)
    endif()
endmacro()

function(build)
    execute_process(
        COMMAND ${COMPILER} ${FLAGS} -I${INCLUDE} ${SCRATCH}/snippet.cpp ${ARGN}
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
    )
    if(NOT status EQUAL 0)
        message("${output}")
    endif()
    set(status ${status} PARENT_SCOPE)
endfunction()

file(READ ${README} rest)
set(line 1)
set(programs 0)
cut("\n```cpp\n" prose)
while(found)
    string(REGEX REPLACE "[^\n]" "" newlines "${prose}")
    string(LENGTH "${newlines}" newlines)
    math(EXPR line "${line} + ${newlines} + 2") # of the block's first line of code
    cut("\n```\n" code)

    if(code MATCHES "int main\\(")
        math(EXPR programs "${programs} + 1")
        set(expected "none")
        if(rest MATCHES "^\n*```text\n")
            string(LENGTH "${CMAKE_MATCH_0}" length)
            string(SUBSTRING "${rest}" ${length} -1 expected)
            string(FIND "${expected}" "\n```\n" at)
            string(SUBSTRING "${expected}" 0 ${at} expected)
        elseif(code MATCHES "//[^\n]* print ([^\n]+)")
            string(REPLACE " " "\n" expected "${CMAKE_MATCH_1}")
        endif()
        file(WRITE ${SCRATCH}/snippet.cpp "${code}\n")
        build(-o ${SCRATCH}/snippet)
        if(status EQUAL 0)
            execute_process(
                COMMAND ${SCRATCH}/snippet
                INPUT_FILE ${SCRATCH}/input
                OUTPUT_VARIABLE output
                ERROR_VARIABLE errors
                RESULT_VARIABLE status
                TIMEOUT 20
            )
            if(NOT status EQUAL 0)
                complain("this program does not end well (${status}): ${output}${errors}")
            elseif(expected STREQUAL "none")
                complain("it is not said what this program prints")
            elseif(NOT output STREQUAL "${expected}\n")
                complain("this program prints\n${output}and not\n${expected}")
            endif()
        else()
            complain("this program does not compile")
        endif()
    else()
        if(NOT code MATCHES "#include")
            set(code "#include <rondo/rondo.hpp>\nusing namespace rondo;\n${code}")
        endif()
        file(WRITE ${SCRATCH}/snippet.cpp "${code}\n")
        build(-fsyntax-only)
        if(NOT status EQUAL 0)
            complain("this does not compile")
        endif()
    endif()

    string(REGEX REPLACE "[^\n]" "" newlines "${code}")
    string(LENGTH "${newlines}" newlines)
    math(EXPR line "${line} + ${newlines} + 2")
    cut("\n```cpp\n" prose)
endwhile()

file(READ ${README} rest)
set(line 1)
cut("\n```cpp " prose)
while(found)
    string(REGEX REPLACE "[^\n]" "" newlines "${prose}")
    string(LENGTH "${newlines}" newlines)
    math(EXPR line "${line} + ${newlines} + 1")
    cut("\n" source)
    cut("\n```\n" quotation)
    file(READ ${CMAKE_CURRENT_LIST_DIR}/../${source} text)
    string(FIND "${text}" "${quotation}" at)
    if(at EQUAL -1)
        complain("${source} does not read like this")
    endif()
    string(REGEX REPLACE "[^\n]" "" newlines "${quotation}")
    string(LENGTH "${newlines}" newlines)
    math(EXPR line "${line} + ${newlines} + 2")
    cut("\n```cpp " prose)
endwhile()

file(READ ${README} rest)
set(line 1)
cut("](" prose)
while(found)
    string(REGEX REPLACE "[^\n]" "" newlines "${prose}")
    string(LENGTH "${newlines}" newlines)
    math(EXPR line "${line} + ${newlines}")
    if(rest MATCHES "^([A-Za-z0-9_-]*[./][A-Za-z0-9_./-]*)[)#]")
        if(NOT EXISTS ${folder}/${CMAKE_MATCH_1})
            complain("there is no ${CMAKE_MATCH_1}")
        endif()
    endif()
    cut("](" prose)
endwhile()

if(failures)
    message(FATAL_ERROR "${failures} things in ${README} are not true.")
endif()
message("${programs} programs have run.")
