// only error: json\(\) is told what it reads
// SPDX-License-Identifier: MIT

#include <rondo/http.hpp>

void f(const rondo::Response& response) { response.json(); }
