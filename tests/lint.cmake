# What the compilers do not see. Run with: cmake -DROOT=<checkout> -P tests/lint.cmake

cmake_minimum_required(VERSION 3.24)

set(failures 0)

# forbid(<sentence> IN <folder or file>... [EXCEPT <regex of paths>] MATCHING <regex> [UNLESS <regex>])
function(forbid sentence)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXCEPT;MATCHING;UNLESS" "IN")
    set(files "")
    foreach(place IN LISTS arg_IN)
        file(GLOB_RECURSE inside ${ROOT}/${place}/*)
        list(APPEND files ${inside})
        if(EXISTS ${ROOT}/${place} AND NOT IS_DIRECTORY ${ROOT}/${place})
            list(APPEND files ${ROOT}/${place})
        endif()
    endforeach()
    foreach(file IN LISTS files)
        file(RELATIVE_PATH name ${ROOT} ${file})
        if(name MATCHES "^tests/lint" OR (arg_EXCEPT AND name MATCHES "${arg_EXCEPT}"))
            continue() # tests/lint only speaks of these words
        endif()
        file(READ ${file} text)
        set(line 1)
        while(text MATCHES "${arg_MATCHING}")
            set(match "${CMAKE_MATCH_0}")
            string(FIND "${text}" "${match}" at)
            string(SUBSTRING "${text}" 0 ${at} before)
            string(REGEX REPLACE "[^\n]" "" before "${before}")
            string(LENGTH "${before}" lines)
            math(EXPR line "${line} + ${lines}")
            if(NOT arg_UNLESS OR NOT match MATCHES "${arg_UNLESS}")
                message("${name}:${line}: ${sentence}")
                math(EXPR failures "${failures} + 1")
            endif()
            # Go on behind the first character of the match; the lines inside it are counted by the next one.
            math(EXPR at "${at} + 1")
            string(SUBSTRING "${text}" ${at} -1 text)
        endwhile()
    endforeach()
    set(failures ${failures} PARENT_SCOPE)
endfunction()

forbid(
    "co_await inside an assertion is half evaluated by GCC 12; bind it first"
    IN tests MATCHING "(CHECK|REQUIRE)[A-Z_]*\\([^;]*co_await"
    UNLESS "-> Promise|\\[[&=a-z]*\\] {|\\[[&=a-z]*\\]\\(.*\\) {" # in a lambda, which is a function of its own
)
forbid(
    "a `;` or a bracket in a test's name splits it, and nothing runs"
    IN tests MATCHING "TEST_CASE\\([ \n]*(\"[^\";[]*\"[ \n]*)*\"[^\";[]*[;[]"
)
forbid(
    "a test sleeps; time is virtual, but for stress/"
    IN tests EXCEPT "^tests/stress/" MATCHING "sleep_for|sleep_until|usleep|nanosleep"
)
forbid(
    "left over"
    IN include tests benchmarks examples .ci .github README.md CMakeLists.txt MATCHING "TODO|FIXME"
)
forbid(
    "a NOLINT names its check and gives its reason: NOLINT(check): why"
    IN include tests benchmarks examples
    MATCHING "NOLINT[^\n]*" UNLESS "^NOLINT(NEXTLINE|BEGIN)?\\([^)]+\\): .|^NOLINTEND"
)

# The tests of a folder are one program. Of one in which two have the same name, CTest would find none, and say nothing.
file(GLOB programs LIST_DIRECTORIES true ${ROOT}/tests/*)
foreach(program IN LISTS programs)
    set(names "")
    file(GLOB_RECURSE files ${program}/*.cpp)
    foreach(file IN LISTS files)
        file(RELATIVE_PATH place ${ROOT} ${file})
        file(READ ${file} text)
        string(REGEX MATCHALL "TEST_CASE\\([ \n]*(\"([^\"\\]|\\\\.)*\"[ \n]*)+" tests "${text}")
        foreach(test IN LISTS tests)
            string(REGEX REPLACE "^TEST_CASE\\(" "" name "${test}")
            string(STRIP "${name}" name)
            string(REGEX REPLACE "\"[ \n]+\"" "" name "${name}")
            if(name IN_LIST names)
                message("${place}: another test of this program has the name ${name}")
                math(EXPR failures "${failures} + 1")
            endif()
            list(APPEND names "${name}")
        endforeach()
    endforeach()
endforeach()

if(failures)
    message(FATAL_ERROR "${failures} lines are not as they should be.")
endif()
