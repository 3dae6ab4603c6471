# What `run` says of sound and of useless patches, told in a house of its own in SCRATCH with a library of one header.

cmake_minimum_required(VERSION 3.24)

set(folder ${SCRATCH}/tests/defects)

# defect(<name> <line instead of `return 1;`> <line of the heading>...)
function(defect name line)
    list(JOIN ARGN "\n" heading)
    file(
        WRITE ${folder}/${name}.patch
        "${heading}\n\n--- a/include/number.hpp\n+++ b/include/number.hpp\n@@ -1,3 +1,3 @@\n inline int number() {\n"
        "-    return 1;\n+    ${line}\n }\n"
    )
endfunction()

function(build_sound_house)
    file(REMOVE_RECURSE ${SCRATCH})
    file(COPY ${CMAKE_CURRENT_LIST_DIR}/run DESTINATION ${folder})
    file(WRITE ${SCRATCH}/include/number.hpp "inline int number() {\n    return 1;\n}\n")
    file(
        WRITE ${SCRATCH}/tests/order/one.cpp
        "#include <number.hpp>\n#include <cstdio>\n"
        "int main() {\n    std::puts(\"one\");\n    std::printf(\"%d\\n\", number());\n}\n"
    )
    file(WRITE ${SCRATCH}/tests/order/one.out "one\n1\n")
    file(WRITE ${SCRATCH}/tests/order/code.cpp "#include <number.hpp>\nint main() { return number(); }\n")
    file(WRITE ${SCRATCH}/tests/order/code.out "")
    file(WRITE ${SCRATCH}/tests/order/code.code "1\n")
    defect(two "return 2;" "It is 2." "rule: [one](https://one.org)" "caught by: order/one")
    file(
        WRITE ${folder}/README.md
        "# Defects\n\n| Defect | What is wrong | The rule it breaks | Caught by |\n|---|---|---|---|\n"
        "| [two](two.patch) | It is 2. | [one](https://one.org) | `order/one` |\n\nMore.\n\n| Another | table |\n"
    )
endfunction()

# expect(<status> <sentence> <argument>...): `run` ends with this status, and says this.
function(expect status sentence)
    execute_process(
        COMMAND ${BASH} ${folder}/run --compiler ${COMPILER} "--flags=${FLAGS}" ${ARGN}
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE actual
    )
    string(FIND "${output}" "${sentence}" found)
    if(NOT actual EQUAL status OR found EQUAL -1)
        message(SEND_ERROR "run ${ARGN} ends with ${actual} and not ${status}, or does not say: ${sentence}\n${output}")
    endif()
endfunction()

build_sound_house()
expect(0 "two: caught by order/one: line 2: \"1\" expected, \"2\" printed")

# What changes nothing is not caught, nor is what the program does not look at.
defect(comment "return 1; // 2" "Nothing is wrong." "rule: none" "caught by: order/one")
expect(1 "comment: NOT CAUGHT by order/one" comment)
expect(1 "two: caught by order/one" comment two.patch)
defect(two "return 2;" "It is 2." "rule: [one](https://one.org)" "caught by: order/one" "caught by: order/code")
expect(0 "two: caught by order/code: ends with code 2, not 1" two)
file(WRITE ${SCRATCH}/tests/order/code.cpp "int main() { return 1; }\n")
expect(1 "two: NOT CAUGHT by order/code" two)
build_sound_house()

# A crash is noticed, and what never ends; but not what does not compile.
defect(two "__builtin_trap();" "It crashes." "rule: none" "caught by: order/one")
expect(0 "crashes with signal")
defect(two "for (volatile int i = 0;; i = 1) (void)i;" "It hangs." "rule: none" "caught by: order/one")
expect(0 "still runs after 1 s" --seconds 1)
defect(two "return two;" "It does not compile." "rule: none" "caught by: order/one")
expect(1 "two: order/one does not compile with it")
build_sound_house()

# A program that fails anyway proves nothing, wherever it comes from.
file(WRITE ${SCRATCH}/tests/order/one.out "one\n3\n")
expect(1 "two: order/one fails with the sound headers, too: line 2: \"3\" expected, \"1\" printed")
build_sound_house()
file(WRITE ${SCRATCH}/programs/rondo_order_one "#!${BASH}\necho one\n")
file(CHMOD ${SCRATCH}/programs/rondo_order_one PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
expect(1 "two: order/one fails with the sound headers, too: line 2: \"1\" expected" --programs ${SCRATCH}/programs)
build_sound_house()

# A patch that does not fit, and one that does not say what it should.
file(WRITE ${SCRATCH}/include/number.hpp "inline int number() {\n    return +1;\n}\n")
expect(1 "two: two.patch does not apply any more")
build_sound_house()
expect(1 "There is no three.patch." three)
expect(1 "There is no option --fuz" --fuz)
defect(two "return 2;" "It is 2" "rule: none" "caught by: order/one")
expect(1 "two.patch: its first line must be a sentence")
defect(two "return 2;" "It is 2." "caught by: order/one")
expect(1 "two.patch: the line `rule: ...` is missing")
defect(two "return 2;" "It is 2." "rule: none")
expect(1 "two.patch: the line `caught by: order/...` is missing")
defect(two "return 2;" "It is 2." "rule: none" "caught by: order/three")
expect(1 "two.patch: caught by order/three, which is no program of tests/order")
build_sound_house()

# The table.
expect(0 "| [two](two.patch) | It is 2. | [one](https://one.org) | `order/one` |" --table)
defect(three "return 3;" "It is 3." "rule: none" "caught by: order/one")
expect(1 "+| [three](three.patch) |" --table)
file(REMOVE ${folder}/three.patch)
defect(two "return 2;" "It is two." "rule: [one](https://one.org)" "caught by: order/one")
expect(1 "-| [two](two.patch) | It is 2. |" --table)
build_sound_house()

# The fuzzer: one of our own, which finds what its argument says, or nothing.
function(fuzzer_finds condition)
    file(
        WRITE ${SCRATCH}/tests/fuzz/run
        "#!${BASH}\nwhile [[ $1 != --include ]]; do shift; done\n"
        "if ${condition}; then echo \"seed $4: line 1\"; exit 1; fi\n"
    )
    file(CHMOD ${SCRATCH}/tests/fuzz/run PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endfunction()
set(damaged "grep --quiet 'return 2' $2/number.hpp")
fuzzer_finds("${damaged} && (($4 == 51))")
expect(0 "two: caught by the fuzzer: seed 51: line 1" --fuzz)
expect(1 "two: NOT CAUGHT by the fuzzer in 50 programs" --fuzz --fuzz-programs 50)
fuzzer_finds("${damaged} && (($6 == 10))")
expect(0 "two: caught by the fuzzer: seed 101: line 1" --fuzz --fuzz-programs 110)
fuzzer_finds(true)
expect(1 "The fuzzer finds something without a defect: seed 1: line 1" --fuzz)
fuzzer_finds("! echo There is no node. || exit 77")
expect(1 "There is no node." --fuzz)
defect(two "return 2;" "It is 2." "rule: none" "caught by: order/one" "not by the fuzzer: it cannot count")
fuzzer_finds(false)
expect(0 "two: not caught by the fuzzer: it cannot count" --fuzz)
fuzzer_finds("${damaged}")
expect(1 "two: caught by the fuzzer, although its patch says: not by the fuzzer: it cannot count" --fuzz)
build_sound_house()

# The model: one of our own, which differs if the number is what it must not be.
function(model_finds number)
    file(
        WRITE ${SCRATCH}/tests/model/replay.cpp
        "#include <number.hpp>\n#include <cstdio>\n"
        "int main() {\n    if (number() != ${number}) return 0;\n    std::puts(\"seed 7 differs:\");\n    return 1;\n}\n"
    )
endfunction()
model_finds(2)
expect(0 "two: caught by the model: seed 7 differs" --model)
model_finds(3)
expect(1 "two: NOT CAUGHT by the model" --model)
model_finds(1)
expect(1 "The model finds something without a defect: seed 7 differs" --model)
defect(two "return 2;" "It is 2." "rule: none" "caught by: order/one" "not by the model: it cannot count")
model_finds(3)
expect(0 "two: not caught by the model: it cannot count" --model)
model_finds(2)
expect(1 "two: caught by the model, although its patch says: not by the model: it cannot count" --model)
