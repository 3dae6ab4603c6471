// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of promises: `Promise<T>`, async functions, the combinators, `async` and `run`.

#include <rondo/base/config.hpp>
#include <rondo/promise/callback.hpp>
#include <rondo/promise/combinators.hpp>
#include <rondo/promise/coroutine.hpp>
#include <rondo/promise/run.hpp>
#include <rondo/promise/suspended_function.hpp>
