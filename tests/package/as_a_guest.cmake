# Given to a project as CMAKE_PROJECT_TOP_LEVEL_INCLUDES: at its end, Rondo must have been a good guest, which brings its
# library, its leaves if their libraries are there, and no tests, and leaves the host as it was.

function(look)
    get_property(targets DIRECTORY ${rondo_SOURCE_DIR} PROPERTY BUILDSYSTEM_TARGETS)
    get_property(folders DIRECTORY ${rondo_SOURCE_DIR} PROPERTY SUBDIRECTORIES)
    get_property(tests DIRECTORY ${rondo_SOURCE_DIR} PROPERTY TESTS)
    list(REMOVE_ITEM targets rondo_fetch)
    if(NOT targets STREQUAL "rondo" OR folders OR tests)
        message(FATAL_ERROR "Rondo brought more than itself: targets ${targets}, folders ${folders}, tests ${tests}")
    endif()
    string(STRIP "$ENV{CXXFLAGS}" flags)
    if(NOT CMAKE_CXX_FLAGS STREQUAL flags OR DEFINED CMAKE_CXX_STANDARD OR DEFINED BUILD_TESTING)
        message(FATAL_ERROR "Rondo changed how its host is built")
    endif()
endfunction()

cmake_language(DEFER CALL look)
