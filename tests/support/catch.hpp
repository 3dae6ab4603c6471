// SPDX-License-Identifier: MIT
#pragma once

// Catch2 in its two living versions, under one set of names: those of version 3, but for Approx,
// which stands in the global namespace as in version 2.

#if __has_include(<catch2/catch_test_macros.hpp>)

#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>

using Catch::Approx;

#else

#include <catch2/catch.hpp>
#include <string>

namespace Catch::Matchers {

inline auto ContainsSubstring(const std::string& part, CaseSensitive::Choice caseSensitivity = CaseSensitive::Yes) {
    return Contains(part, caseSensitivity);
}

}

#endif
