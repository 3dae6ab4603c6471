# Gives the target rondo_catch2: Catch2, version 3 or 2.13, together with its main().

find_package(Catch2 3 QUIET CONFIG)
if(NOT Catch2_FOUND)
    unset(Catch2_DIR CACHE) # or the second look would stop at the first one's answer
    find_package(Catch2 2.13 QUIET CONFIG)
endif()

if(NOT Catch2_FOUND)
    if(NOT RONDO_FETCH_CATCH2)
        message(
            FATAL_ERROR
            "Rondo's tests need Catch2 (3, or 2.13 and later), and it was not found.\n"
            "Install it (apt-get install catch2), or configure with -DRONDO_FETCH_CATCH2=ON to download it, "
            "or with -DRONDO_BUILD_TESTS=OFF to do without the tests."
        )
    endif()
    include(FetchContent)
    FetchContent_Declare(
        Catch2
        URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.8.1.tar.gz
        URL_HASH SHA256=18b3f70ac80fccc340d8c6ff0f339b2ae64944782f8d2fca2bd705cf47cadb79
        DOWNLOAD_EXTRACT_TIMESTAMP OFF
    )
    FetchContent_MakeAvailable(Catch2)
    list(APPEND CMAKE_MODULE_PATH ${catch2_SOURCE_DIR}/extras)
    set(Catch2_VERSION 3.8.1)

    # Its headers are not ours to warn about.
    get_target_property(directories Catch2 INTERFACE_INCLUDE_DIRECTORIES)
    set_target_properties(Catch2 PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${directories}")
endif()
message(STATUS "Rondo's tests use Catch2 ${Catch2_VERSION}")

add_library(rondo_catch2 INTERFACE)
if(Catch2_VERSION VERSION_LESS 3)
    # A main() of our own, so that it is built with our compiler, standard library and sanitizers.
    add_library(rondo_catch2_main OBJECT support/catch2_main.cpp)
    target_compile_features(rondo_catch2_main PRIVATE cxx_std_20)
    target_link_libraries(rondo_catch2_main PRIVATE Catch2::Catch2)
    target_sources(rondo_catch2 INTERFACE $<TARGET_OBJECTS:rondo_catch2_main>)
    target_link_libraries(rondo_catch2 INTERFACE Catch2::Catch2)
else()
    target_link_libraries(rondo_catch2 INTERFACE Catch2::Catch2WithMain)
endif()
include(Catch)
