# What `record` compares, refuses and writes, told with a `node` of our own in SCRATCH that runs a program as a shell script.

cmake_minimum_required(VERSION 3.24)

set(bin ${SCRATCH}/bin)
file(REMOVE_RECURSE ${SCRATCH})
file(COPY ${CMAKE_CURRENT_LIST_DIR}/record DESTINATION ${SCRATCH})

function(node_is version)
    file(WRITE ${bin}/node "#!${BASH}\n[[ $1 == --version ]] && echo ${version} && exit\nsource \"$1\"\n")
    file(CHMOD ${bin}/node PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endfunction()

# record(<status> <sentence> <argument>...): it ends with this status, and says this.
function(record status sentence)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env "PATH=${bin}:$ENV{PATH}" ${BASH} ${SCRATCH}/record ${ARGN}
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE actual
    )
    string(FIND "${output}" "${sentence}" found)
    if(NOT actual EQUAL status OR found EQUAL -1)
        message(SEND_ERROR "record ${ARGN} ends with ${actual} and not ${status}, or does not say: ${sentence}\n${output}")
    endif()
endfunction()

function(holds file expected)
    set(text "nothing")
    if(EXISTS ${SCRATCH}/${file})
        file(READ ${SCRATCH}/${file} text)
    endif()
    if(NOT text STREQUAL expected)
        message(SEND_ERROR "${file} holds ${text} and not ${expected}")
    endif()
endfunction()

node_is(v18.19.0)
record(1 "This is Node v18.19.0, and what it prints is not comparable: install Node 20.")
node_is(v20.0.0)

# A program that prints what is recorded, one that ends with a code, and one for which Node differs.
file(WRITE ${SCRATCH}/one.js "echo 1\n")
file(WRITE ${SCRATCH}/one.out "1\n")
file(WRITE ${SCRATCH}/two.mjs "echo 2; exit 3\n")
file(WRITE ${SCRATCH}/two.out "2\n")
file(WRITE ${SCRATCH}/two.code "3\n")
file(WRITE ${SCRATCH}/three.js "echo three; exit 7\n")
file(WRITE ${SCRATCH}/three.out "3\n")
file(WRITE ${SCRATCH}/three.node.out "three\n")
file(WRITE ${SCRATCH}/three.code "1\n")
file(WRITE ${SCRATCH}/three.node.code "7\n")
record(0 "Programs that print what is recorded: 3")
record(0 "Programs that print what is recorded: 1" tests/order/one.js)
record(1 "There is neither four.js nor four.mjs" four)
record(1 "There is no option --wirte" --wirte)

file(WRITE ${SCRATCH}/one.out "0\n")
record(1 "-0\n+1\n" one)
record(1 "Not as recorded: one" one three)
holds(one.out "0\n")
record(0 "Written: one.out" --write one)
holds(one.out "1\n")

# What is missing, too, and the files of Node where there are some.
file(REMOVE ${SCRATCH}/two.out ${SCRATCH}/two.code)
record(1 "two.code is missing" two)
file(WRITE ${SCRATCH}/three.node.out "3\n")
file(WRITE ${SCRATCH}/three.node.code "1\n")
record(0 "Written: three.node.code" --write)
holds(two.out "2\n")
holds(two.code "3\n")
holds(three.out "3\n")
holds(three.code "1\n")
holds(three.node.out "three\n")
holds(three.node.code "7\n")
holds(one.code "nothing")

# One that has delays and prints something else each time is not written.
file(WRITE ${SCRATCH}/one.js "echo x >>runs # setTimeout\nwc --lines <runs\n")
record(1 "one.js does not print the same each time" --write one)
holds(one.out "1\n")
holds(runs "x\nx\nx\n")
