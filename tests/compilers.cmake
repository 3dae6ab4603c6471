# Builds SOURCE with COMPILER and FLAGS as PROGRAM, and runs it. It exits with 0 if the compiler is right. If the compiler
# is wrong, it refuses the source, or the program crashes or exits with something else. COMPILER_NAME is like "GNU 12".
# The file says what is known; of other compilers we only tell what we see, and the test counts as skipped:
#
#     // wrong: GNU 12
#     // right: Clang 16, Clang 19
#
# So we hear it when a compiler gets rid of its mistake, and then correct the line.

cmake_minimum_required(VERSION 3.24)

file(STRINGS ${SOURCE} wrong REGEX "^// wrong: ")
file(STRINGS ${SOURCE} right REGEX "^// right: ")
if(NOT wrong AND NOT right)
    message(FATAL_ERROR "${SOURCE}: the lines `// wrong: <compilers>` and `// right: <compilers>` are missing.")
endif()

separate_arguments(FLAGS NATIVE_COMMAND "${FLAGS} -pthread")
execute_process(
    COMMAND ${COMPILER} ${FLAGS} ${SOURCE} -o ${PROGRAM}
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output
    RESULT_VARIABLE status
)
if(status EQUAL 0)
    execute_process(
        COMMAND ${PROGRAM}
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE status
        TIMEOUT 20
    )
endif()

if(status EQUAL 0)
    set(is right)
    set(known "${right}")
    set(unexpected "${wrong}")
else()
    set(is wrong)
    set(known "${wrong}")
    set(unexpected "${right}")
endif()

set(listed "[ ,]${COMPILER_NAME}(,|$)")
if(known MATCHES ${listed})
    message("${COMPILER_NAME} is ${is}, as known.")
elseif(unexpected MATCHES ${listed})
    message("${output}\n${status}")
    message(FATAL_ERROR "${COMPILER_NAME} is ${is} now, and ${SOURCE} says otherwise.")
else()
    message("${COMPILER_NAME} is ${is}. Whether it should be, nobody has said yet: add it to ${SOURCE}.")
endif()
