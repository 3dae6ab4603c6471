// SPDX-License-Identifier: MIT
#pragma once

/// The chapter of the event loop.

#include <rondo/base/config.hpp>
#include <rondo/base/error.hpp>
#include <rondo/loop/event_loop.hpp>
