# The floors of include/rondo, and what may lean on what. Run with: cmake -DROOT=<checkout> -P tests/layers.cmake

cmake_minimum_required(VERSION 3.24)

# Lowest first. A header includes its own floor and those below it.
set(floors base loop promise events iteration host web dom streams workers http inspector)
# What rondo.hpp gathers ends here; higher floors are chapters one asks for.
set(umbrella_floor web)
# Above all floors, opt-in. They do not see each other, and no floor sees them.
set(leaves fetch storage interop)

set(ceiling 400)
# Headers above the ceiling, each with its reason: "promise/promise.hpp: why it is still one concept".
set(tall "")

# base/ is private, but for what users meet by name.
set(public_in_base base/error.hpp)
# Private headers elsewhere that are tested through their user: "promise/reaction.hpp: promise/promise.hpp".
set(
    tested_through_user
    "loop/event_loop_options.hpp: loop/event_loop.hpp"
    "events/dispatch.hpp: events/event_target.hpp"
    "events/listener_list.hpp: events/event_target.hpp"
    "events/signal_state.hpp: events/abort_signal.hpp"
    "events/target_handle.hpp: events/abort_signal.hpp"
    "iteration/generator_body.hpp: iteration/async_generator.hpp"
    "iteration/generator_request.hpp: iteration/async_generator.hpp"
    "host/signal_hub.hpp: host/on_signal.hpp"
    "host/stop.hpp: host/offload.hpp"
    "http/name_value.hpp: http/url_search_params.hpp"
    "http/url_machine.hpp: http/url_parser.hpp"
    "streams/deferred.hpp: streams/writable_stream_default_writer.hpp"
    "streams/generic_reader.hpp: streams/readable_stream_default_reader.hpp"
    "streams/lent_controller.hpp: streams/writable_stream_default_controller.hpp"
    "streams/pipe_base.hpp: streams/pipe.hpp"
    "streams/transform_base.hpp: streams/transform_stream.hpp"
    "streams/type_error.hpp: streams/writable_stream.hpp"
    "streams/writable_base.hpp: streams/writable_stream.hpp"
    "streams/writable_state.hpp: streams/writable_stream.hpp"
    "streams/read_request.hpp: streams/readable_stream_default_reader.hpp"
    "streams/readable_byte_state.hpp: streams/readable_byte_stream_controller.hpp"
    "streams/readable_byte_tee.hpp: streams/readable_stream_tee.hpp"
    "streams/tee_state.hpp: streams/readable_stream_tee.hpp"
    "streams/readable_state.hpp: streams/readable_stream.hpp"
)

# They cost every program that includes us more than they give (base/function.hpp stands for <functional>).
set(too_heavy iostream functional regex format)

# Chapters begin with it: behind anything else, what it has to say would be buried.
set(first_of_all rondo/base/config.hpp)

set(failures 0)
function(complain sentence)
    message("${sentence}")
    math(EXPR failures "${failures} + 1")
    set(failures ${failures} PARENT_SCOPE)
endfunction()

# The height of a header: the index of its floor, one more than all for a leaf. Chapters (promise.hpp) stand on the floor
# they name, and fwd.hpp, which everybody may include, on the lowest.
list(LENGTH floors leaf_height)
function(get_height header result)
    string(REGEX REPLACE "(/.*|\\.hpp)$" "" name ${header})
    if(header STREQUAL "fwd.hpp")
        set(height 0)
    elseif(name STREQUAL "rondo")
        list(FIND floors ${umbrella_floor} height)
    elseif(name IN_LIST leaves)
        set(height ${leaf_height})
    else()
        list(FIND floors ${name} height)
        if(height EQUAL -1)
            set(height unknown)
        endif()
    endif()
    set(${result} ${height} PARENT_SCOPE)
    set(${result}_name ${name} PARENT_SCOPE)
endfunction()

function(find_exception list header result)
    set(${result} "" PARENT_SCOPE)
    foreach(entry IN LISTS ${list})
        if(entry MATCHES "^([^:]+): (.+)$" AND CMAKE_MATCH_1 STREQUAL header)
            set(${result} ${CMAKE_MATCH_2} PARENT_SCOPE)
        endif()
    endforeach()
endfunction()

set(include ${ROOT}/include/rondo)
file(GLOB_RECURSE headers RELATIVE ${include} ${include}/*.hpp)
if(NOT headers)
    message(FATAL_ERROR "There are no headers in ${include}.")
endif()

foreach(header IN LISTS headers)
    get_height(${header} own)
    if(own STREQUAL "unknown")
        complain("${header}: there is no floor `${own_name}`")
        continue()
    endif()

    file(READ ${include}/${header} text)
    string(REGEX REPLACE "[^\n]" "" lines "${text}")
    string(LENGTH "${lines}" lines)
    find_exception(tall ${header} reason)
    if(lines GREATER ceiling AND NOT reason)
        complain("${header}: ${lines} lines, and the ceiling is ${ceiling}: it is two concepts")
    endif()

    set(includes_of_${header} "")
    file(STRINGS ${include}/${header} directives REGEX "^[ \t]*#[ \t]*include")
    if(NOT header MATCHES "/" AND NOT header STREQUAL "fwd.hpp" AND NOT directives MATCHES "^[^;]*<${first_of_all}>")
        complain("${header}: a chapter includes <${first_of_all}> first, which refuses what it cannot be compiled with")
    endif()
    foreach(directive IN LISTS directives)
        if(directive MATCHES "\"(.*)\"")
            complain("${header}: includes \"${CMAKE_MATCH_1}\"; say <rondo/...>, from the root")
        elseif(directive MATCHES "<rondo/(.*)>")
            set(other ${CMAKE_MATCH_1})
            list(APPEND includes_of_${header} ${other})
            get_height(${other} its)
            if(its STREQUAL "unknown")
                complain("${header}: includes ${other}, and there is no floor `${its_name}`")
            elseif(its EQUAL leaf_height AND own LESS leaf_height)
                complain("${header}: leans on a leaf, ${other}")
            elseif(its EQUAL leaf_height AND NOT own_name STREQUAL its_name)
                complain("${header}: leans on another leaf, ${other}")
            elseif(its GREATER own)
                complain("${header}: includes upward, ${other}")
            elseif(header MATCHES "/" AND NOT other MATCHES "/" AND NOT other STREQUAL "fwd.hpp")
                complain("${header}: includes a chapter, ${other}; chapters are for users, include the parts")
            elseif(other MATCHES "/detail/" AND NOT own_name STREQUAL its_name)
                complain("${header}: enters ${other}, which is private to ${its_name}")
            endif()
        elseif(directive MATCHES "<(.*)>" AND CMAKE_MATCH_1 IN_LIST too_heavy)
            complain("${header}: includes <${CMAKE_MATCH_1}>, too heavy for a header")
        endif()
    endforeach()

    if(header MATCHES "/detail/")
        if(own LESS leaf_height)
            complain("${header}: a detail/ is a junk drawer; split by subject")
        endif()
    elseif(own_name STREQUAL "base" AND NOT header IN_LIST public_in_base)
        # private
    elseif(header MATCHES "/") # a chapter is tested by its parts
        find_exception(tested_through_user ${header} user)
        if(NOT user)
            set(user ${header})
        endif()
        string(REGEX REPLACE "\\.hpp$" ".cpp" test tests/${user})
        if(NOT EXISTS ${ROOT}/${test})
            complain("${header}: has no test, ${test}")
        else()
            file(STRINGS ${ROOT}/${test} cases REGEX "TEST_CASE")
            if(NOT cases)
                complain("${header}: its test, ${test}, is empty")
            endif()
        endif()
    endif()
endforeach()

# Circles: take away, again and again, the headers that include nothing that is left. What stays leads into a circle.
set(left ${headers})
set(before "")
while(NOT "${left}" STREQUAL "${before}")
    set(before ${left})
    foreach(header IN LISTS before)
        set(blocked FALSE)
        foreach(other IN LISTS includes_of_${header})
            if(other IN_LIST left)
                set(blocked TRUE)
            endif()
        endforeach()
        if(NOT blocked)
            list(REMOVE_ITEM left ${header})
        endif()
    endforeach()
endwhile()
if(left)
    set(path "")
    list(GET left 0 header)
    while(NOT header IN_LIST path)
        list(APPEND path ${header})
        foreach(other IN LISTS includes_of_${header})
            if(other IN_LIST left)
                set(header ${other})
                break()
            endif()
        endforeach()
    endwhile()
    list(FIND path ${header} start)
    list(SUBLIST path ${start} -1 circle)
    list(JOIN circle " -> " circle)
    complain("a circle of includes: ${circle} -> ${header}")
endif()

if(failures)
    message(FATAL_ERROR "The house has ${failures} faults.")
endif()
