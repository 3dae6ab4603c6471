# rondo_add_programs(TARGET source...): many small programs that include the same are compiled a dozen at a time, each in a
# namespace of its own, and linked into one. It does what it is called: TARGET_name, a link to it, is the program name.cpp.
function(rondo_add_programs target)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_together)
    set(together "")
    set(declarations "")
    set(entries "")
    set(links "")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN}) # for what they include
    list(LENGTH ARGN count)
    math(EXPR last "${count} - 1")
    foreach(first RANGE 0 ${last} 12)
        list(SUBLIST ARGN ${first} 12 some)
        set(headers "")
        set(programs "")
        foreach(source IN LISTS some)
            cmake_path(GET source STEM name)
            cmake_path(GET source PARENT_PATH parent)
            file(STRINGS ${source} includes REGEX "^#include [<\"]")
            string(REPLACE "#include \"" "#include \"${parent}/" includes "${includes}")
            list(APPEND headers ${includes})
            string(APPEND programs "namespace program_${name} {\n#include \"${source}\"\n}\n")
            string(APPEND declarations "namespace program_${name} { int mainFunction(); }\n")
            string(APPEND entries "    if (name == \"${target}_${name}\") return program_${name}::mainFunction();\n")
            list(APPEND links ${target}_${name})
        endforeach()
        list(REMOVE_DUPLICATES headers)
        list(JOIN headers "\n" headers) # here, that they are not in a namespace
        list(LENGTH together number)
        file(CONFIGURE OUTPUT ${folder}/${number}.cpp CONTENT "@headers@\n#define main mainFunction\n@programs@" @ONLY)
        list(APPEND together ${folder}/${number}.cpp)
    endforeach()
    file(
        CONFIGURE OUTPUT ${folder}/main.cpp
        CONTENT [[
#include <cstdio>
#include <string_view>
@declarations@
int main(int, char** arguments) {
    std::string_view name = arguments[0];
    name.remove_prefix(name.rfind('/') + 1);
@entries@
    std::fputs("There is no such program.\n", stderr);
    return 1;
}
]]
        @ONLY
    )
    add_executable(${target} ${folder}/main.cpp ${together})
    target_link_libraries(${target} PRIVATE rondo::rondo rondo_warnings)
    # GCC takes what is included for a header, whose unnamed namespaces would be faults.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    foreach(link IN LISTS links)
        file(CREATE_LINK ${target} ${CMAKE_CURRENT_BINARY_DIR}/${link} SYMBOLIC)
    endforeach()
endfunction()
