// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of the globals of a window: timers, console, performance.

#include <rondo/base/config.hpp>
#include <rondo/promise.hpp>
#include <rondo/web/console.hpp>
#include <rondo/web/performance.hpp>
#include <rondo/web/timers.hpp>
