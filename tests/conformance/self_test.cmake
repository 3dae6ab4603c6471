# Breaks every rule of table.cmake once, in a house of its own in SCRATCH, and sees whether it is noticed.

cmake_minimum_required(VERSION 3.24)

set(folder ${SCRATCH}/tests/conformance)

# Runs table.cmake; sets `output` and `status`.
function(run_table)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH} ${ARGN} -P ${CMAKE_CURRENT_LIST_DIR}/table.cmake
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
    )
    set(output "${output}" PARENT_SCOPE)
    set(status ${status} PARENT_SCOPE)
endfunction()

# A sound house: four files, of which one is re-expressed, one has parts that do not apply, one does not apply, and one is
# to do; and three clauses in two chapters of Promises/A+.
function(build_sound_house)
    file(REMOVE_RECURSE ${SCRATCH})
    file(WRITE ${folder}/first_wave.txt "# Promises\na/then\na/species\na/later\n# Events; [all]\ndom/once\n")
    file(
        WRITE ${folder}/a.cpp
        "TEST_CASE(\"a/then: it is called\") {}\n"
        "TEST_CASE(\"Promises/A+ 2.2.7.1: yes\", \"[x]\") {}\nTEST_CASE(\"Promises/A+ 2.2.7.1: no\") {}\n"
    )
    file(
        WRITE ${folder}/b.cpp
        "ASYNC_TEST_CASE(\n    \"dom/once: \"\n    \"only once\") {}\nTEST_CASE(\"Promises/A+ 2.2.7: so\") {}\n"
    )
    file(
        WRITE ${folder}/not_applicable.tsv
        "a/species\tspecies\tThere are no species; [[none]].\ndom/once#page\tDOM page\tThere is no page.\n"
        "Promises/A+ 2.3.4\tsyntax\tNothing.\nPromises/A+ 2.2.7.1#part\tsyntax\tNothing.\n"
    )
    file(WRITE ${folder}/README.md "before\n<!-- table.cmake writes this -->\n<!-- to here -->\nbehind\n")
    run_table(-DWRITE=ON)
    if(NOT status EQUAL 0)
        message(SEND_ERROR "A sound house is refused when its table is written:\n${output}")
    endif()
endfunction()

function(expect sentence)
    run_table(${ARGN})
    string(FIND "${output}" "${sentence}" found)
    if(sentence STREQUAL "nothing to complain about")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "A sound house is refused:\n${output}")
        endif()
    elseif(status EQUAL 0 OR found EQUAL -1)
        message(SEND_ERROR "Not noticed: ${sentence}\n${output}")
    endif()
    build_sound_house()
endfunction()

function(expect_line line)
    file(READ ${folder}/README.md text)
    string(FIND "${text}" "${line}\n" found)
    if(found EQUAL -1)
        message(SEND_ERROR "README.md does not say: ${line}\n${text}")
    endif()
endfunction()

build_sound_house()
expect_line("| Promises/A+: its chapters, with 3 clauses | 13 | 1 | 1 (1 syntax) | 11 |")
expect_line("| Promises | 3 | 1 | 1 (1 species) | 1 |")
expect_line("| Events; [all] | 1 | 1 | 0 | 0 |")
expect_line("| All | 17 | 3 | 2 (1 species, 1 syntax) | 12 |")
expect_line("- `a/species`, species: There are no species; [[none]].")
expect_line("- `dom/once#page`, DOM page: There is no page.")
expect_line("before")
expect_line("behind")
expect("nothing to complain about")

run_table(-DTO_DO=ON)
string(FIND "${output}" "to do: a/later\n" found)
if(found EQUAL -1)
    message(SEND_ERROR "What is to do is not named:\n${output}")
endif()

# A test that goes, or comes, changes the numbers.
file(REMOVE ${folder}/a.cpp)
expect("README.md: its table is not what is counted")
file(APPEND ${folder}/a.cpp "TEST_CASE(\"a/later: now\") {}\n")
expect("README.md: its table is not what is counted")
file(APPEND ${folder}/first_wave.txt "dom/more\n")
expect("README.md: its table is not what is counted")

file(WRITE ${folder}/README.md "no table\n")
expect("README.md: the table's marks are missing")

file(APPEND ${folder}/first_wave.txt "a/then\n")
expect("first_wave.txt: a/then stands there twice")

foreach(name "it is called" "a/then:" "a/then it is called")
    file(APPEND ${folder}/a.cpp "TEST_CASE(\"${name}\") {}\n")
    expect("a.cpp: the name of a test is not a path and a claim: ${name}" -DWRITE=ON)
endforeach()
file(APPEND ${folder}/a.cpp "TEST_CASE(nameOf(thenable)) {}\n")
expect("a.cpp: the name of a test is not a path and a claim" -DWRITE=ON)
foreach(path a/the a/then/more "Promises/A+ 2.4.1" "Promises/A+ 2.2")
    file(APPEND ${folder}/a.cpp "TEST_CASE(\"${path}: it is called\") {}\n")
    expect("a.cpp: a test of ${path}, which is not in first_wave.txt" -DWRITE=ON)
endforeach()

foreach(row "a/later species There are spaces." "a/later\tspecies" "a/later\tspecies\tTabs\tagain.")
    file(APPEND ${folder}/not_applicable.tsv "${row}\n")
    expect("not_applicable.tsv: not a path, a reason and a sentence between tabs" -DWRITE=ON)
endforeach()
file(APPEND ${folder}/not_applicable.tsv "a/never\tspecies\tNo.\n")
expect("not_applicable.tsv: a/never is not of a file in first_wave.txt" -DWRITE=ON)
file(APPEND ${folder}/not_applicable.tsv "a/later\ttoo hard\tNo.\n")
expect("not_applicable.tsv: a/later: `too hard` is no reason" -DWRITE=ON)
file(APPEND ${folder}/not_applicable.tsv "a/species\tspecies\tNo.\n")
expect("not_applicable.tsv: a/species stands there twice" -DWRITE=ON)
file(APPEND ${folder}/not_applicable.tsv "a/then\tspecies\tNo.\n")
expect("not_applicable.tsv: a/then is tested; a part of it needs a name, a/then#part" -DWRITE=ON)
file(APPEND ${folder}/not_applicable.tsv "Promises/A+ 2.2.7.1\tsyntax\tNo.\n")
expect("not_applicable.tsv: Promises/A+ 2.2.7.1 is tested" -DWRITE=ON)
