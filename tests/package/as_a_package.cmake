# Given to a project as CMAKE_PROJECT_TOP_LEVEL_INCLUDES: at its end, it must have found the version
# that was installed.

function(look)
    if(NOT rondo_VERSION VERSION_EQUAL "$ENV{VERSION_OF_RONDO}")
        message(FATAL_ERROR "found rondo ${rondo_VERSION} instead of $ENV{VERSION_OF_RONDO}")
    endif()
    # Before 1.0 a new minor version may break its users, so another one is not accepted.
    find_package(rondo 99.0 QUIET CONFIG)
    if(rondo_FOUND)
        message(FATAL_ERROR "rondo ${rondo_VERSION} claims to be compatible with 99.0")
    endif()
endfunction()

cmake_language(DEFER CALL look)
