# Breaks every rule of table.cmake once, in a folder of its own in SCRATCH, and sees whether it is noticed.

cmake_minimum_required(VERSION 3.24)

function(write file)
    string(REPLACE ";" "\n" text "${ARGN}")
    file(WRITE ${SCRATCH}/${file} "${text}\n")
endfunction()

set(readme
    "# Order" ""
    "## Where Node differs" ""
    "| Program | What the standards say |" "|---|---|"
    "| `abort_a`, `try_ticks` | [signal abort](https://dom.spec.whatwg.org/#abortsignal-signal-abort). |" ""
    "## The traces" "" "**3 of 5** are here." ""
    "### abort: 2 of 3" "" "| Trace | Where it stands |" "|---|---|"
    "| `abort_a` | here |" "| `abort_b` | here |" "| `abort_c` | Node-only |" ""
    "### node24: 1 of 2" "" "| Trace | Where it stands |" "|---|---|"
    "| `node24/try_ticks` | here |" "| `node24/locks` | needs locks |" ""
    "## Programs of our own" "" "| Program | What it shows |" "|---|---|" "| `event_d` | The rule. |"
)

function(build_sound_folder)
    file(REMOVE_RECURSE ${SCRATCH})
    write(README.md ${readme})
    foreach(name abort_a abort_b try_ticks event_d)
        write(${name}.cpp "int main() {}")
        write(${name}.out "${name}")
    endforeach()
    write(abort_a.js "")
    write(abort_a.node.out "Node says something else")
    write(abort_b.mjs "")
    write(try_ticks.js "")
    write(try_ticks.code "1")
    write(try_ticks.node.code "7")
    write(event_d.js "")
endfunction()

function(expect sentence)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -DFOLDER=${SCRATCH} -P ${CMAKE_CURRENT_LIST_DIR}/table.cmake
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
    )
    string(FIND "${output}" "${sentence}" found)
    if(sentence STREQUAL "nothing to complain about")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "A sound folder is refused:\n${output}")
        endif()
    elseif(status EQUAL 0 OR found EQUAL -1)
        message(SEND_ERROR "Not noticed: ${sentence}\n${output}")
    endif()
    build_sound_folder()
endfunction()

# In the README, another text in the place of one that stands there.
function(say before after)
    file(READ ${SCRATCH}/README.md text)
    string(FIND "${text}" "${before}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "The README does not say: ${before}")
    endif()
    string(REPLACE "${before}" "${after}" text "${text}")
    file(WRITE ${SCRATCH}/README.md "${text}")
endfunction()

build_sound_folder()
expect("nothing to complain about")

say("| `abort_c` | Node-only |" "| `abort_c` | here |")
expect("abort_c: is said to be here, but there is no abort_c.cpp")

file(REMOVE ${SCRATCH}/abort_b.out)
expect("abort_b: is said to be here, but there is no abort_b.out")

file(REMOVE ${SCRATCH}/abort_b.mjs)
expect("abort_b: is said to be here, but there is no abort_b.js or abort_b.mjs")

say("| `node24/try_ticks` | here |" "| `node24/try_ticks` | needs streams |")
expect("try_ticks.cpp: the table does not say that it is here")

write(ours.cpp "int main() {}")
expect("ours.cpp: the table does not say that it is here")

write(forgotten.node.out "nobody prints this")
expect("forgotten.node.out: the table does not say that it is here")

say("Node-only" "somebody else will do it")
expect("abort_c: `somebody else will do it` is no reason to leave it out")

say("| `abort_c` |" "| abort_c |")
expect("no row: | abort_c | Node-only |")

say("| `abort_c` |" "| `abort_b` |")
expect("abort_b: has two rows")

say("| `abort_c` |" "| `timer_c` |")
expect("timer_c: is no trace of the family abort")

file(REMOVE ${SCRATCH}/event_d.js)
expect("event_d: is said to be here, but there is no event_d.js or event_d.mjs")

say("| `event_d` |" "| `abort_a` |")
expect("abort_a: has two rows")

say(" The rule." "")
expect("no row: | `event_d` | |")

say("abort: 2 of 3" "abort: 1 of 3")
expect("abort: it says 1 of 3, but there are 2 of 3")

say("node24: 1 of 2" "node24: 1 of 3") # the last one
expect("node24: it says 1 of 3, but there are 1 of 2")

say("**3 of 5**" "**4 of 5**")
expect("it says that 4 of 5 are here, but it is 3 of 5")

write(README.md "# Order")
expect("there is no table of traces")

say("`abort_a`, " "")
expect("abort_a.node.out: it is not said why Node differs")

say(", `try_ticks`" "")
expect("try_ticks.node.code: it is not said why Node differs")

say("`abort_a`, " "`abort_a`, `abort_b`, ")
expect("abort_b: is said to differ, but there is no abort_b.node.out or abort_b.node.code")

write(abort_a.node.out "abort_a")
expect("abort_a.node.out: is the same as abort_a.out")
