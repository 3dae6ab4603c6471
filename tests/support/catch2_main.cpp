// Version 2 stops the program where a name has its ": " to the right of this, and a test that fails has its name printed.
#define CATCH_CONFIG_CONSOLE_WIDTH 160
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
